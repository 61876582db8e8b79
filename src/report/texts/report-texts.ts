import { EN } from './en.ts'
import type { ReportTexts } from './text-shape.ts'
import { UK } from './uk.ts'

/** The texts of a language. */
export function reportTexts(language: 'en' | 'uk'): ReportTexts {
  return language === 'uk' ? UK : EN
}
