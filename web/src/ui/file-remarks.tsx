import { useTranslation } from 'react-i18next'
import type { Reply } from '../api.ts'
import { Caution } from './caution.tsx'
import { useFormats } from './use-formats.ts'

/** What people must know of how a photo was read: cut short, more pictures in its file, a camera raw's preview. */
export function FileRemarks({ remarks }: { remarks: Reply<'showMedia'>['remarks'] }) {
  const { t } = useTranslation()
  const format = useFormats()
  return remarks.map(({ kind, count }) => (
    <Caution key={kind}>{t(`term.remarks.${kind}`, { number: format.count(count ?? 0) })}</Caution>
  ))
}
