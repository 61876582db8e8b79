import { entry } from './uk/entry.ts'
import { shell } from './uk/shell.ts'
import { work } from './uk/work.ts'

/** Everything the app says, in Ukrainian. */
export const uk = { ...shell, ...entry, ...work } as const
