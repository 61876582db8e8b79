import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { dateFormats } from '../../../src/contract/dates.ts'

/** Numbers and times as the language writes them; times are the reader's own. */
export function useFormats() {
  const { i18n } = useTranslation()
  // British English: the day before the month, as in the rest of the world.
  const language = i18n.language === 'en' ? 'en-GB' : i18n.language
  return useMemo(() => {
    const similarity = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 })
    const rough = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 })
    const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
    const count = new Intl.NumberFormat(language)
    return {
      ...dateFormats(language),
      similarity: (value: number) => similarity.format(value),
      rough: (value: number) => rough.format(value),
      percent: (share: number) => percent.format(share),
      count: (value: number) => count.format(value),
    }
  }, [language])
}
