import { archives } from './en/archives.ts'
import { collections } from './en/collections.ts'
import { entry } from './en/entry.ts'
import { identity } from './en/identity.ts'
import { missing } from './en/missing.ts'
import { oversight } from './en/oversight.ts'
import { refusals } from './en/refusals.ts'
import { shell } from './en/shell.ts'
import { video } from './en/video.ts'
import { watch } from './en/watch.ts'
import { work } from './en/work.ts'

/** Everything the app says, in English. A test keeps it, the Ukrainian and what is used in step. */
export const en = {
  ...shell,
  ...entry,
  ...work,
  ...collections,
  ...identity,
  ...missing,
  ...oversight,
  ...archives,
  ...refusals,
  ...video,
  ...watch,
} as const
