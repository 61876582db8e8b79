import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../ui/use-formats.ts'
import type { KeptMark } from './use-marks.ts'

/** A candidate's mark; pointing at it says who set it and when. */
export function MarkBadge({ mark, className }: { mark: KeptMark; className?: string | undefined }) {
  const { t } = useTranslation()
  const format = useFormats()
  const by = [mark.markedBy, format.time(mark.markedAt)].filter((part) => part !== '').join(', ')
  return (
    <Badge
      className={className}
      color={mark.mark === 'later' ? 'petrol' : 'dark'}
      variant="filled"
      title={by}
    >
      {t(`cand.mark.${mark.mark}`)}
      <span className="visually-hidden">, {by}</span>
    </Badge>
  )
}
