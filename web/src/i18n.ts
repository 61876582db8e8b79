import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { en } from './texts/en.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en }
    enableSelector: false
  }
}

export const LANGUAGES = ['en', 'uk'] as const
export type Language = (typeof LANGUAGES)[number]
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', uk: 'Українська' }

const STORED_AS = 'likeness.language'

/** Starts with the language chosen before, else the browser's, else English. */
export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: {},
    fallbackLng: false,
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  await changeLanguage(firstLanguage())
}

/** Shows everything in this language from now on, and keeps the choice in the browser. */
export async function changeLanguage(language: Language): Promise<void> {
  const texts = language === 'uk' ? (await import('./texts/uk.ts')).uk : (await import('./texts/en.ts')).en
  i18next.addResourceBundle(language, 'translation', texts)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
  localStorage.setItem(STORED_AS, language)
}

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED_AS)
  const wanted = stored ?? navigator.languages.find((tag) => /^(en|uk)\b/.test(tag))?.slice(0, 2)
  return wanted === 'uk' ? 'uk' : 'en'
}
