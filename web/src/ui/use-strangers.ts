import { useTranslation } from 'react-i18next'
import { useFormats } from './use-formats.ts'

/** From this many on they are counted; fewer are said as one in so many searches. */
const COUNTED_FROM = 0.5
/** Rarer than one in so many searches is not said more finely: nobody has measured that. */
const RAREST = 10_000

/** How many strangers would be expected to look as alike in such a search, in words. */
export function useStrangers(): (expected: number | null) => string {
  const { t } = useTranslation()
  const { rough } = useFormats()
  return (expected) => {
    if (expected === null) return t('cand.strangersUnknown')
    if (expected >= COUNTED_FROM)
      return t('cand.strangers', { value: rough(Math.max(1, Math.round(expected))) })
    const searches = 1 / expected
    if (searches > RAREST) return t('cand.strangersFew', { value: rough(RAREST) })
    return t('cand.strangersRare', { value: rough(Math.round(searches)) })
  }
}
