import {
  Badge,
  Button,
  Group,
  NativeSelect,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  EVIDENCE_KINDS,
  isPrimaryIdentifier,
  type EvidenceKind,
} from '../../../../src/contract/identification-words.ts'
import { useApi } from '../../api.ts'
import { useMay } from '../../session.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { STALE, type Identification } from './identification.ts'

/** What else than a face speaks for it; entries are taken back, never removed. */
export function EvidenceList({
  identification,
  isOpen,
}: {
  identification: Identification
  isOpen: boolean
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const [adding, setAdding] = useState(false)
  const [retracting, setRetracting] = useState<string>()
  const retract = useApi('retractEvidence', STALE)
  const canChange = isOpen && may('corroboration.change')
  const { id, evidence, concernsDead } = identification
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('ident.evidence')}</Title>
        {canChange && (
          <Button
            size="compact-md"
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {t('ident.addEvidence')}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        {concernsDead ? t('ident.evidenceHelpDead') : t('ident.evidenceHelp')}
      </Text>
      {evidence.length > 0 && (
        <Table.ScrollContainer minWidth={520}>
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('ident.kind')}</Table.Th>
                <Table.Th>{t('ident.description')}</Table.Th>
                <Table.Th>{t('search.by')}</Table.Th>
                {canChange && <Table.Th>{t('ident.retract')}</Table.Th>}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {evidence.map((entry) => (
                <Table.Tr key={entry.id}>
                  <Table.Td>
                    <Badge variant="default">{t(`term.evidence.${entry.kind}`)}</Badge>
                  </Table.Td>
                  <Table.Td
                    style={{ overflowWrap: 'anywhere' }}
                    td={entry.retractedAt === null ? undefined : 'line-through'}
                  >
                    {entry.description}
                    <Text size="xs" c="dimmed">
                      {[entry.laboratory, entry.reference].filter((part) => part !== null).join(' · ')}
                    </Text>
                    {entry.retractedBy !== null && (
                      <Text size="xs" c="dimmed">
                        {t('ident.retractedBy', {
                          name: entry.retractedBy,
                          reason: entry.retractReason ?? '',
                        })}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    {entry.recordedBy}
                    <Text size="xs" c="dimmed">
                      {format.time(entry.recordedAt)}
                    </Text>
                  </Table.Td>
                  {canChange && (
                    <Table.Td>
                      {entry.retractedAt === null && (
                        <Button
                          size="compact-sm"
                          variant="default"
                          aria-label={`${t('ident.retract')}: ${entry.description.slice(0, 60)}`}
                          onClick={() => setRetracting(entry.id)}
                        >
                          {t('ident.retract')}
                        </Button>
                      )}
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {adding && <AddEvidence identificationId={id} onClose={() => setAdding(false)} />}
      <ReasonDialog
        opened={retracting !== undefined}
        title={t('ident.retract')}
        warning={t('ident.retractHelp')}
        act={t('ident.retract')}
        busy={retract.isPending}
        error={retract.error}
        onClose={() => setRetracting(undefined)}
        onReason={(reason) =>
          retract.mutate(
            { params: { id, entryId: retracting! }, body: { reason } },
            { onSuccess: () => setRetracting(undefined) },
          )
        }
      />
    </section>
  )
}

function AddEvidence({ identificationId, onClose }: { identificationId: string; onClose: () => void }) {
  const { t } = useTranslation()
  const add = useApi('addEvidence', STALE)
  const [kind, setKind] = useState<EvidenceKind>('document')
  const [description, setDescription] = useState('')
  const [reference, setReference] = useState('')
  const [laboratory, setLaboratory] = useState('')
  const isPrimary = isPrimaryIdentifier(kind)
  return (
    <FormDialog
      title={t('ident.addEvidence')}
      act={t('ident.addEvidence')}
      opened
      busy={add.isPending}
      error={add.error}
      onClose={onClose}
      onSubmit={() =>
        add.mutate(
          {
            params: { id: identificationId },
            body: {
              kind,
              description,
              ...(reference === '' ? {} : { reference }),
              ...(isPrimary ? { laboratory } : {}),
            },
          },
          { onSuccess: onClose },
        )
      }
    >
      <Stack gap="sm">
        <NativeSelect
          label={t('ident.kind')}
          value={kind}
          onChange={(event) =>
            setKind(EVIDENCE_KINDS.find((one) => one === event.currentTarget.value) ?? 'other')
          }
          data={EVIDENCE_KINDS.map((value) => ({ value, label: t(`term.evidence.${value}`) }))}
        />
        <Textarea
          label={t('ident.description')}
          description={t('ident.descriptionHelp')}
          required
          autosize
          minRows={3}
          maxLength={4000}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {isPrimary && (
          <TextInput
            label={t('ident.laboratory')}
            required
            maxLength={200}
            value={laboratory}
            onChange={(event) => setLaboratory(event.currentTarget.value)}
          />
        )}
        <TextInput
          label={t('ident.reference')}
          required={isPrimary}
          maxLength={200}
          value={reference}
          onChange={(event) => setReference(event.currentTarget.value)}
        />
      </Stack>
    </FormDialog>
  )
}
