import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../api.ts'
import { useFormats } from './use-formats.ts'

/** What people must know of how a photo was read: cut short, more pictures in its file, a camera raw's preview. */
export function FileRemarks({ remarks }: { remarks: Reply<'showMedia'>['remarks'] }) {
  const { t } = useTranslation()
  const format = useFormats()
  return remarks.map(({ kind, count }) => (
    <Text key={kind} size="sm" fw={500} c="var(--mantine-color-yellow-text)">
      {t(`term.remarks.${kind}`, { number: format.count(count ?? 0) })}
    </Text>
  ))
}
