import {
  Alert,
  Button,
  FileInput,
  Group,
  Menu,
  Modal,
  NativeSelect,
  Stack,
  Table,
  Text,
  TextInput,
} from '@mantine/core'
import { IconDownload, IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { RECORD_BASES, type RecordBasis } from '../../../../src/contract/missing-words.ts'
import { PERSON_STATUSES, type PersonStatus } from '../../../../src/contract/person-words.ts'
import { addressOf } from '../../../../src/contract/client/address-of.ts'
import { useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** People in from files, and out into files. */
export function PeopleFiles({ status }: { status: PersonStatus | undefined }) {
  const { t } = useTranslation()
  const may = useMay()
  const [importing, setImporting] = useState(false)
  const wanted = status ?? 'missing'
  return (
    <>
      {may('person.import') && (
        <Button
          variant="default"
          leftSection={<IconUpload size={16} aria-hidden />}
          onClick={() => setImporting(true)}
        >
          {t('missing.import')}
        </Button>
      )}
      {may('person.export') && (
        <Menu>
          <Menu.Target>
            <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
              {t('missing.export')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t('missing.exportHelp', { status: t(`person.statusIs.${wanted}`) })}</Menu.Label>
            {(['csv', 'pfif'] as const)
              .filter((format) => format === 'csv' || wanted === 'missing' || wanted === 'displaced')
              .map((format) => (
                <Menu.Item
                  key={format}
                  component="a"
                  href={addressOf('exportPeople', { query: { format, status: wanted } })}
                  download={`people-${wanted}.${format === 'csv' ? 'csv' : 'pfif.xml'}`}
                >
                  {t(`missing.formatIs.${format}`)}
                </Menu.Item>
              ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {importing && <ImportPeople onClose={() => setImporting(false)} />}
    </>
  )
}

function ImportPeople({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const take = useApi('importPeople', ['listPeople'])
  const [file, setFile] = useState<File | null>(null)
  const [status, setStatus] = useState<PersonStatus>('missing')
  const [basis, setBasis] = useState<RecordBasis>('legal')
  const [basisDetail, setBasisDetail] = useState('')
  const send = async (dryRun: 'yes' | 'no'): Promise<void> => {
    if (file === null) return
    const body = new Uint8Array(await file.arrayBuffer())
    take.mutate({ query: { status, basis, basisDetail, dryRun }, body })
  }
  const isTried = take.isSuccess && take.variables.query?.dryRun === 'yes'
  const isDone = take.isSuccess && !isTried
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('missing.import')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void send(isTried ? 'no' : 'yes')
        }}
      >
        <Stack>
          <FileInput
            label={t('missing.file')}
            description={t('missing.fileHelp')}
            required
            accept=".csv,.tsv,.xml,text/csv,application/xml"
            value={file}
            onChange={(chosen) => {
              setFile(chosen)
              take.reset()
            }}
          />
          <Group grow align="flex-start">
            <NativeSelect
              label={t('person.status')}
              description={t('missing.forRowsWithout')}
              value={status}
              onChange={(event) =>
                setStatus(PERSON_STATUSES.find((one) => one === event.currentTarget.value) ?? 'missing')
              }
              data={PERSON_STATUSES.map((value) => ({ value, label: t(`person.statusIs.${value}`) }))}
            />
            <NativeSelect
              label={t('missing.basis')}
              description={t('missing.forRowsWithout')}
              value={basis}
              onChange={(event) =>
                setBasis(RECORD_BASES.find((one) => one === event.currentTarget.value) ?? 'legal')
              }
              data={RECORD_BASES.map((value) => ({ value, label: t(`missing.basisIs.${value}`) }))}
            />
          </Group>
          <TextInput
            label={t('missing.basisDetail')}
            description={t('missing.basisDetailHelp')}
            required
            maxLength={200}
            value={basisDetail}
            onChange={(event) => setBasisDetail(event.currentTarget.value)}
          />
          <ProblemAlert error={take.error} />
          {take.isSuccess && <Result result={take.data} isTried={isTried} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t(isDone ? 'common.close' : 'common.cancel')}
            </Button>
            {!isDone && (
              <Button type="submit" loading={take.isPending} disabled={file === null}>
                {t(isTried ? 'missing.takeIn' : 'missing.tryFirst')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Result({ result, isTried }: { result: Reply<'importPeople'>; isTried: boolean }) {
  const { t } = useTranslation()
  const { created, held, refused } = result
  const refusals = result.rows.filter(({ outcome }) => outcome === 'refused')
  return (
    <>
      <Alert color={isTried ? 'blue' : 'green'} role="status">
        {t(isTried ? 'missing.wouldTake' : 'missing.taken_in', { created, held, refused })}
        {result.contactsLeftOut > 0 && (
          <Text size="sm">{t('missing.contactsLeftOut', { number: result.contactsLeftOut })}</Text>
        )}
      </Alert>
      {refusals.length > 0 && (
        <Table.ScrollContainer minWidth={420} mah={240}>
          <Table verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('missing.row')}</Table.Th>
                <Table.Th>{t('person.name')}</Table.Th>
                <Table.Th>{t('common.reason')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {refusals.map(({ row, ref, name, reason }) => (
                <Table.Tr key={row}>
                  <Table.Td>{row}</Table.Td>
                  <Table.Td>{name ?? ref}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{reason}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </>
  )
}
