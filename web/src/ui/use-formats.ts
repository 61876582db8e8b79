import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { dateFormats } from '../../../src/contract/dates.ts'

/** Numbers and times as a language writes them; times are the reader's own. @param language as the web app names it */
export function formatsOf(language: string) {
  // British English: the day before the month, as in the rest of the world.
  const locale = language === 'en' ? 'en-GB' : language
  const similarity = new Intl.NumberFormat(locale, { minimumFractionDigits: 3, maximumFractionDigits: 3 })
  const rough = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const count = new Intl.NumberFormat(locale)
  return {
    ...dateFormats(locale),
    similarity: (value: number) => similarity.format(value),
    rough: (value: number) => rough.format(value),
    percent: (share: number) => percent.format(share),
    count: (value: number) => count.format(value),
  }
}

/** The formats of the language that is chosen. */
export function useFormats() {
  const { language } = useTranslation().i18n
  return useMemo(() => formatsOf(language), [language])
}
