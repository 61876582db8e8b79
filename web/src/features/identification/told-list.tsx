import { List, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../ui/use-formats.ts'
import type { Identification } from './identification.ts'

/** Everyone who was given something of it. */
export function ToldList({ told }: { told: Identification['told'] }) {
  const { t } = useTranslation()
  const format = useFormats()
  if (told.length === 0) return <Text size="sm">{t('ident.nobodyTold')}</Text>
  return (
    <List size="sm">
      {told.map((one) => (
        <List.Item key={one.id}>
          {one.recipient} ({t(`term.recipients.${one.recipientKind}`)}), {format.time(one.at)},{' '}
          {one.by === 'report' ? t('term.timeline.reported') : t('term.timeline.transmitted')}
          {one.receivedBy !== null && `, ${t('ident.receivedBy', { name: one.receivedBy })}`}
        </List.Item>
      ))}
    </List>
  )
}
