import { useTranslation } from 'react-i18next'
import { useFormats } from './use-formats.ts'

/** Fewer than this is said as 'fewer than'. */
const FEWEST = 0.001

/** How many strangers would be expected to look as alike here, in words. */
export function useStrangers(): (expected: number | null) => string {
  const { t } = useTranslation()
  const { rough } = useFormats()
  return (expected) => {
    if (expected === null) return t('cand.strangersUnknown')
    if (expected < FEWEST) return t('cand.strangersFew', { value: rough(FEWEST) })
    return t('cand.strangers', { value: rough(expected) })
  }
}
