import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../i18n.ts'

/** In which language a document is written. */
export function LanguageSelect({
  value,
  onChange,
}: {
  value: Language
  onChange: (language: Language) => void
}) {
  const { t } = useTranslation()
  return (
    <NativeSelect
      label={t('nav.language')}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value === 'uk' ? 'uk' : 'en')}
      data={LANGUAGES.map((language) => ({ value: language, label: LANGUAGE_NAMES[language] }))}
    />
  )
}
