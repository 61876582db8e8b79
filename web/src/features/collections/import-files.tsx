import { Alert, Button, FileButton, Group, Progress, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconPhotoUp } from '@tabler/icons-react'
import { useState, type DragEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../../api.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { FileRemarks } from '../../ui/file-remarks.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { droppedFiles } from './dropped-files.ts'
import { EarlierImports } from './earlier-imports.tsx'
import type { NamedFile } from './named-file.ts'
import { RefusalReason } from './refusal-reason.tsx'
import { useImport, type SentFile } from './use-import.ts'
import { VideosOnTheWay } from './videos-on-the-way.tsx'

type Import = Reply<'listImports'>[number]

/** Brings photos of this device into a collection, says of each what came of it, and lists earlier imports. */
export function ImportFiles({ collectionId }: { collectionId: string }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [facts, setFacts] = useState({ sourceUrl: '', collector: '', note: '' })
  const run = useImport(collectionId)
  // An import that was left, to be gone on with: the next files that are chosen belong to it.
  const [begun, setBegun] = useState<Import>()
  const send = (files: readonly NamedFile[]): void => {
    if (files.length === 0) return
    void run.send(files, facts, begun?.id)
    setBegun(undefined)
  }
  const onDrop = (event: DragEvent): void => {
    event.preventDefault()
    void droppedFiles(event.dataTransfer).then(send)
  }
  const fact = (name: keyof typeof facts, label: string) => (
    <TextInput
      label={label}
      value={facts[name]}
      maxLength={200}
      disabled={run.isRunning}
      onChange={({ currentTarget: { value } }) => setFacts((old) => ({ ...old, [name]: value }))}
    />
  )
  const { sent, total } = run
  const bad = sent.filter(({ state }) => state === 'failed' || state === 'unreadable')
  return (
    <Stack>
      <Text size="sm">{t('imp.help')}</Text>
      <Group grow align="start">
        {fact('sourceUrl', t('imp.sourceUrl'))}
        {fact('collector', t('imp.collector'))}
        {fact('note', t('imp.note'))}
      </Group>
      {begun !== undefined && (
        <Alert color="petrol" title={t('imp.goOnTitle', { at: format.time(begun.startedAt) })}>
          <Text size="sm" mb="xs">
            {t('imp.goOnHelp')}
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => setBegun(undefined)}>
            {t('imp.newInstead')}
          </Button>
        </Alert>
      )}
      <Group
        p="lg"
        justify="center"
        onDragOver={(event) => event.preventDefault()}
        onDrop={onDrop}
        style={{ border: '1px dashed var(--mantine-color-default-border)', borderRadius: 4 }}
      >
        <IconPhotoUp aria-hidden />
        <Text size="sm">{t('imp.drop')}</Text>
        <FileButton
          multiple
          disabled={run.isRunning}
          onChange={(files) => send(files.map((file) => ({ name: file.name, file })))}
        >
          {(props) => (
            <Button {...props} variant="default">
              {t('imp.choose')}
            </Button>
          )}
        </FileButton>
      </Group>
      <ProblemAlert error={run.error} />
      {total > 0 && (
        <Stack gap={4}>
          <Progress value={(100 * sent.length) / total} aria-label={t('imp.progress')} />
          <Text size="sm" role="status">
            {t(run.isRunning ? 'imp.running' : 'imp.ended', {
              done: format.count(sent.length),
              total: format.count(total),
              bad: format.count(bad.length),
            })}
          </Text>
          {run.reading !== null && <Reading one={run.reading} />}
          {run.sending !== null && (
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {t('video.sending', { name: run.sending.name, percent: format.percent(run.sending.share) })}
            </Text>
          )}
        </Stack>
      )}
      {bad.length > 0 && (
        <BadFiles files={bad} onRetry={run.isRunning ? undefined : () => void run.retry(facts)} />
      )}
      {run.archives.map((archive) => (
        <OpenedArchive key={archive.sha256} archive={archive} />
      ))}
      <RemarkedFiles files={sent.filter(({ remarks }) => remarks.length > 0)} />
      <DifferingFiles files={sent.filter(({ reason }) => reason === 'digest_differs')} />
      <EarlierImports collectionId={collectionId} onGoOn={run.isRunning ? undefined : setBegun} />
    </Stack>
  )
}

function BadFiles({ files, onRetry }: { files: readonly SentFile[]; onRetry: (() => void) | undefined }) {
  const { t } = useTranslation()
  return (
    <Alert color="yellow" title={t('imp.badTitle')}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('imp.file')}</Table.Th>
            <Table.Th>{t('imp.result')}</Table.Th>
            <Table.Th>{t('imp.reason')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {files.map(({ name, state, reason, detail }) => (
            <Table.Tr key={name}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{name}</Table.Td>
              <Table.Td>{t(`imp.state.${state}`)}</Table.Td>
              <Table.Td>
                <RefusalReason reason={reason} detail={detail} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {onRetry !== undefined && files.some(({ state }) => state === 'failed') && (
        <Button mt="sm" size="compact-sm" variant="default" onClick={onRetry}>
          {t('imp.retry')}
        </Button>
      )}
    </Alert>
  )
}

/** Files that were taken in though their archive says that they were other bytes: never silently good. */
function DifferingFiles({ files }: { files: readonly SentFile[] }) {
  const { t } = useTranslation()
  if (files.length === 0) return null
  return (
    <Alert color="red" title={t('arch.differing')}>
      {files.map(({ name, detail }) => (
        <Text key={name} size="sm" style={{ overflowWrap: 'anywhere' }}>
          {name}: {detail}
        </Text>
      ))}
    </Alert>
  )
}

/** Files that were taken in though not all of them could be read. */
function RemarkedFiles({ files }: { files: readonly SentFile[] }) {
  const { t } = useTranslation()
  if (files.length === 0) return null
  return (
    <Alert color="yellow" title={t('imp.remarked')}>
      {files.map(({ name, remarks }) => (
        <div key={name}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <FileRemarks remarks={remarks} />
        </div>
      ))}
    </Alert>
  )
}

/** What the service reads by itself, after everything was sent. */
function Reading({ one }: { one: Import }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { waiting, ...ended } = one.counts
  const done = Object.values(ended).reduce((sum, count) => sum + count, 0)
  return (
    <>
      <Text size="sm">
        {t('imp.reading', { done: format.count(done), total: format.count(done + waiting) })}
      </Text>
      <VideosOnTheWay videos={one.videos} />
    </>
  )
}

/** What checking a web archive came to. */
function OpenedArchive({ archive }: { archive: Reply<'listImportArchives'>[number] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { name, files, pages, packageVerdict, signatureVerdict, problems } = archive
  const isBad = packageVerdict === 'invalid' || signatureVerdict === 'invalid'
  return (
    <Alert color={isBad ? 'red' : 'petrol'}>
      {t('arch.opened', {
        name,
        files: format.count(files),
        pages: format.count(pages),
        package: t(`arch.verdict.${packageVerdict}`),
        signature: t(`arch.verdict.${signatureVerdict}`),
      })}
      {problems.map((problem) => (
        <Text key={problem} size="sm">
          {problem}
        </Text>
      ))}
    </Alert>
  )
}
