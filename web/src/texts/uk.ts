import { archives } from './uk/archives.ts'
import { collections } from './uk/collections.ts'
import { entry } from './uk/entry.ts'
import { identity } from './uk/identity.ts'
import { missing } from './uk/missing.ts'
import { oversight } from './uk/oversight.ts'
import { refusals } from './uk/refusals.ts'
import { shell } from './uk/shell.ts'
import { video } from './uk/video.ts'
import { watch } from './uk/watch.ts'
import { work } from './uk/work.ts'

/** Everything the app says, in Ukrainian. */
export const uk = {
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
