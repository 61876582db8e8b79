import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../ui/use-formats.ts'

/** From this many on they are counted; fewer are said as one in so many searches. */
const COUNTED_FROM = 0.5
/** Rarer than one in so many searches is not said more finely: nobody has measured that. */
const RAREST = 10_000

export interface ExpectedStrangers {
  strangersExpected: number | null
  /** Rarer than was measured: fewer than the number says. */
  extrapolated: boolean
}

/** How many strangers would be expected to look as alike in such a search, in words. */
export function useStrangers(): (candidate: ExpectedStrangers) => string {
  const { t } = useTranslation()
  const { rough } = useFormats()
  return (candidate) => strangersInWords(candidate, t, rough)
}

/** The same with the texts of a language. @param rough writes a number with two significant digits */
export function strangersInWords(
  { strangersExpected: expected, extrapolated }: ExpectedStrangers,
  t: TFunction,
  rough: (value: number) => string,
): string {
  if (expected === null) return t('cand.strangersUnknown')
  if (expected >= COUNTED_FROM) {
    return extrapolated
      ? t('cand.strangersUnder', { value: rough(Math.ceil(expected)) })
      : t('cand.strangers', { value: rough(Math.max(1, Math.round(expected))) })
  }
  const searches = 1 / expected
  if (extrapolated || searches > RAREST)
    return t('cand.strangersFew', { value: rough(roundedDown(Math.min(searches, RAREST))) })
  return t('cand.strangersRare', { value: rough(Math.round(searches)) })
}

/** To two significant digits, so that 'in fewer than 1 of' stays true. */
function roundedDown(value: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.floor(value / step) * step
}
