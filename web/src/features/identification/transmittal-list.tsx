import {
  Anchor,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  Table,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { RECIPIENT_KINDS, type RecipientKind } from '../../../../src/contract/identification-words.ts'
import { addressOf } from '../../../../src/contract/client/address-of.ts'
import { apiQuery, useApi } from '../../api.ts'
import { useMay } from '../../session.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { instantHere } from '../../../../src/contract/dates.ts'

const OUTSIDE = RECIPIENT_KINDS.filter((kind) => kind !== 'own_agency')

/** What was handed to whom, by what law, and who received it. */
export function TransmittalList({ identificationId }: { identificationId: string }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const [making, setMaking] = useState(false)
  const [receiving, setReceiving] = useState<string>()
  const transmittals = useQuery(apiQuery('listTransmittals', { params: { id: identificationId } }))
  const canMake = may('transmittal.make')
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('transmit.title')}</Title>
        {canMake && (
          <Button
            size="compact-md"
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setMaking(true)}
          >
            {t('transmit.make')}
          </Button>
        )}
      </Group>
      <Loaded query={transmittals}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">{t('transmit.none')}</Text>
          ) : (
            <Table.ScrollContainer minWidth={600}>
              <Table verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('report.recipient')}</Table.Th>
                    <Table.Th>{t('transmit.sent')}</Table.Th>
                    <Table.Th>{t('transmit.what')}</Table.Th>
                    <Table.Th>{t('transmit.receipt')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((row) => (
                    <Table.Tr key={row.id}>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>
                        {row.recipient}
                        <Text size="xs" c="dimmed">
                          {t(`term.recipients.${row.recipientKind}`)}
                        </Text>
                        <Text size="xs" c="dimmed">
                          {row.legalBasis}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        {row.sentBy}
                        <Text size="xs" c="dimmed">
                          {format.time(row.sentAt)}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        {row.reportId !== null && <Text size="sm">{t('transmit.report')}</Text>}
                        {row.withEvidence &&
                          (canMake ? (
                            <Anchor
                              size="sm"
                              href={addressOf('exportEvidence', { params: { id: row.id } })}
                              download={`evidence-${row.id}.zip`}
                            >
                              {t('transmit.evidence')}
                            </Anchor>
                          ) : (
                            <Text size="sm">{t('transmit.evidence')}</Text>
                          ))}
                      </Table.Td>
                      <Table.Td>
                        {row.receipt !== null ? (
                          <>
                            {row.receipt.receivedBy}
                            <Text size="xs" c="dimmed">
                              {format.time(row.receipt.receivedAt)}
                            </Text>
                          </>
                        ) : (
                          canMake && (
                            <Button
                              size="compact-sm"
                              variant="default"
                              aria-label={`${t('transmit.receive')}: ${row.recipient}`}
                              onClick={() => setReceiving(row.id)}
                            >
                              {t('transmit.receive')}
                            </Button>
                          )
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
      {making && <MakeTransmittal identificationId={identificationId} onClose={() => setMaking(false)} />}
      {receiving !== undefined && <Receipt id={receiving} onClose={() => setReceiving(undefined)} />}
    </section>
  )
}

function MakeTransmittal({ identificationId, onClose }: { identificationId: string; onClose: () => void }) {
  const { t } = useTranslation()
  const format = useFormats()
  const make = useApi('transmit', ['listTransmittals', 'showIdentification'])
  const reports = useQuery(apiQuery('listReports', { params: { id: identificationId } }))
  const [recipientKind, setRecipientKind] = useState<RecipientKind>('national_bureau')
  const [recipient, setRecipient] = useState('')
  const [reference, setReference] = useState('')
  const [reportId, setReportId] = useState('')
  const [withEvidence, setWithEvidence] = useState(false)
  const [legalBasis, setLegalBasis] = useState('')
  const [note, setNote] = useState('')
  const fitting = (reports.data ?? []).filter((one) => one.recipientKind === recipientKind && !one.erased)
  return (
    <FormDialog
      title={t('transmit.make')}
      act={t('transmit.make')}
      opened
      size="lg"
      busy={make.isPending}
      error={make.error}
      disabled={reportId === '' && !withEvidence}
      onClose={onClose}
      onSubmit={() =>
        make.mutate(
          {
            params: { id: identificationId },
            body: {
              recipientKind: recipientKind as Exclude<RecipientKind, 'own_agency'>,
              recipient,
              withEvidence,
              legalBasis,
              ...(reference === '' ? {} : { reference }),
              ...(reportId === '' ? {} : { reportId }),
              ...(note === '' ? {} : { note }),
            },
          },
          { onSuccess: onClose },
        )
      }
    >
      <Text size="sm">{t('transmit.help')}</Text>
      <Group grow align="flex-start">
        <NativeSelect
          label={t('report.recipientKind')}
          value={recipientKind}
          onChange={(event) => {
            setRecipientKind(OUTSIDE.find((one) => one === event.currentTarget.value) ?? 'other_agency')
            setReportId('')
          }}
          data={OUTSIDE.map((value) => ({ value, label: t(`term.recipients.${value}`) }))}
        />
        <TextInput
          label={t('report.recipient')}
          required
          maxLength={200}
          value={recipient}
          onChange={(event) => setRecipient(event.currentTarget.value)}
        />
      </Group>
      <TextInput
        label={t('transmit.reference')}
        maxLength={200}
        value={reference}
        onChange={(event) => setReference(event.currentTarget.value)}
      />
      <NativeSelect
        label={t('transmit.report')}
        description={t('transmit.reportHelp')}
        value={reportId}
        onChange={(event) => setReportId(event.currentTarget.value)}
        data={[
          { value: '', label: t('transmit.noReport') },
          ...fitting.map((one) => ({ value: one.id, label: `${one.recipient}, ${format.time(one.madeAt)}` })),
        ]}
      />
      <Checkbox
        label={t('transmit.evidence')}
        description={t('transmit.evidenceHelp')}
        checked={withEvidence}
        onChange={(event) => setWithEvidence(event.currentTarget.checked)}
      />
      <Textarea
        label={t('case.legalBasis')}
        required
        autosize
        minRows={2}
        maxLength={4000}
        value={legalBasis}
        onChange={(event) => setLegalBasis(event.currentTarget.value)}
      />
      <Textarea
        label={t('exam.note')}
        autosize
        minRows={1}
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </FormDialog>
  )
}

function Receipt({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation()
  const record = useApi('recordReceipt', ['listTransmittals', 'showIdentification'])
  const [receivedBy, setReceivedBy] = useState('')
  const [receivedAt, setReceivedAt] = useState('')
  const [reference, setReference] = useState('')
  return (
    <FormDialog
      title={t('transmit.receive')}
      act={t('transmit.receive')}
      opened
      busy={record.isPending}
      error={record.error}
      onClose={onClose}
      onSubmit={() =>
        record.mutate(
          {
            params: { id },
            body: {
              receivedBy,
              receivedAt: instantHere(receivedAt),
              ...(reference === '' ? {} : { reference }),
            },
          },
          { onSuccess: onClose },
        )
      }
    >
      <TextInput
        label={t('transmit.receivedBy')}
        required
        maxLength={200}
        value={receivedBy}
        onChange={(event) => setReceivedBy(event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        step={1}
        label={t('transmit.receivedAt')}
        required
        value={receivedAt}
        onChange={(event) => setReceivedAt(event.currentTarget.value)}
      />
      <TextInput
        label={t('transmit.reference')}
        maxLength={200}
        value={reference}
        onChange={(event) => setReference(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
