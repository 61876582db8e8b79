import { Anchor, Button, Group, NativeSelect, Table, Text, TextInput, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { RECIPIENT_KINDS, type RecipientKind } from '../../../../src/contract/identification-words.ts'
import { addressOf } from '../../../../src/contract/client/address-of.ts'
import { apiQuery, useApi } from '../../api.ts'
import { useMay, useMe } from '../../session.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { LanguageSelect } from '../../ui/language-select.tsx'

/** Reports of an identification, each made for somebody. */
export function ReportList({ identificationId }: { identificationId: string }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const [making, setMaking] = useState(false)
  const reports = useQuery(apiQuery('listReports', { params: { id: identificationId } }))
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('report.title')}</Title>
        {may('report.make') && (
          <Button
            size="compact-md"
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setMaking(true)}
          >
            {t('report.make')}
          </Button>
        )}
      </Group>
      <Loaded query={reports}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">{t('report.none')}</Text>
          ) : (
            <Table.ScrollContainer minWidth={520}>
              <Table verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('report.recipient')}</Table.Th>
                    <Table.Th>{t('report.made')}</Table.Th>
                    <Table.Th>{t('report.files')}</Table.Th>
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
                      </Table.Td>
                      <Table.Td>
                        {row.madeBy}
                        <Text size="xs" c="dimmed">
                          {format.time(row.madeAt)}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        {row.erased ? (
                          t('report.erased')
                        ) : (
                          <Group gap="sm">
                            {(['pdf', 'json'] as const).map((file) => (
                              <Anchor
                                key={file}
                                size="sm"
                                href={addressOf(file === 'pdf' ? 'readReportPdf' : 'readReportJson', {
                                  params: { id: row.id },
                                })}
                                download={`report-${row.id}.${file}`}
                              >
                                {file.toUpperCase()} ({row.language})
                              </Anchor>
                            ))}
                          </Group>
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
      {making && <MakeReport identificationId={identificationId} onClose={() => setMaking(false)} />}
    </section>
  )
}

function MakeReport({ identificationId, onClose }: { identificationId: string; onClose: () => void }) {
  const { t, i18n } = useTranslation()
  const me = useMe()
  const make = useApi('makeReport', ['listReports', 'showIdentification'])
  const [language, setLanguage] = useState<'en' | 'uk'>(i18n.language === 'uk' ? 'uk' : 'en')
  const [recipientKind, setRecipientKind] = useState<RecipientKind>('own_agency')
  const [recipient, setRecipient] = useState(me.agency ?? '')
  return (
    <FormDialog
      title={t('report.make')}
      act={t('report.make')}
      opened
      busy={make.isPending}
      error={make.error}
      onClose={onClose}
      onSubmit={() =>
        make.mutate(
          { params: { id: identificationId }, body: { language, recipientKind, recipient } },
          { onSuccess: onClose },
        )
      }
    >
      <Text size="sm">{t('report.makeHelp')}</Text>
      <NativeSelect
        label={t('report.recipientKind')}
        description={t('report.recipientKindHelp')}
        value={recipientKind}
        onChange={(event) => {
          const kind = RECIPIENT_KINDS.find((one) => one === event.currentTarget.value) ?? 'own_agency'
          setRecipientKind(kind)
          setRecipient(kind === 'own_agency' ? (me.agency ?? '') : '')
        }}
        data={RECIPIENT_KINDS.map((value) => ({ value, label: t(`term.recipients.${value}`) }))}
      />
      <TextInput
        label={t('report.recipient')}
        required
        maxLength={200}
        value={recipient}
        onChange={(event) => setRecipient(event.currentTarget.value)}
      />
      <LanguageSelect value={language} onChange={setLanguage} />
    </FormDialog>
  )
}
