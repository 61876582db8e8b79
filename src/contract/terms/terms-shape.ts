import type { TERMS_EN } from './en.ts'

/** The same words in another language. */
export type Terms = { [Group in keyof typeof TERMS_EN]: Record<keyof (typeof TERMS_EN)[Group], string> }
