import type { EN } from './en.ts'

/** Everything a report says in words of one language. */
export type ReportTexts = { [Key in keyof typeof EN]: Widened<(typeof EN)[Key]> }

type Widened<T> = T extends string ? string : { [Key in keyof T]: Widened<T[Key]> }
