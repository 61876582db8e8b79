import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

/** Numbers and times as the language writes them; times are the reader's own. */
export function useFormats() {
  const { i18n } = useTranslation()
  // British English: the day before the month, as in the rest of the world.
  const language = i18n.language === 'en' ? 'en-GB' : i18n.language
  return useMemo(() => {
    const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
    const month = new Intl.DateTimeFormat(language, { month: 'short', year: '2-digit', timeZone: 'UTC' })
    const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
    const similarity = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 })
    const rough = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 })
    const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
    const count = new Intl.NumberFormat(language)
    return {
      time: (iso: string) => time.format(new Date(iso)),
      month: (iso: string) => month.format(new Date(iso)),
      /** A day, or a time shown as its day; what is neither is shown as it came. */
      day: (iso: string) => (Number.isNaN(Date.parse(iso)) ? iso : day.format(new Date(iso))),
      /** A camera's local time, as it was written, without a zone. */
      localTime: (written: string) =>
        Number.isNaN(Date.parse(written)) ? written : time.format(new Date(written.replace(/Z$/, ''))),
      similarity: (value: number) => similarity.format(value),
      rough: (value: number) => rough.format(value),
      percent: (share: number) => percent.format(share),
      count: (value: number) => count.format(value),
    }
  }, [language])
}
