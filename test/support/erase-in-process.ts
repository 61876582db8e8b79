import process from 'node:process'
import { eraseMedia } from '../../src/erasure/erase-media.ts'
import type { EraseTarget } from '../../src/erasure/select-for-erasure.ts'
import { runRetention } from '../../src/retention/run-retention.ts'
import { LiveIndex } from '../../src/live-index/live-index.ts'
import { openStore } from '../../src/store/store.ts'

/** A process that erases, to be killed. Arguments: data folder, JSON of a target, or `retention`. */
const [dataFolder, asked] = process.argv.slice(2)
const store = await openStore({ dataFolder, operatorKey: undefined })
const index = new LiveIndex(store)
const actor = { kind: 'operator' as const, name: 'tester' }
process.stdout.write('begins\n')
if (asked === 'retention') await runRetention({ store, index }, actor, { dryRun: false })
else {
  const target = JSON.parse(asked) as EraseTarget
  await eraseMedia({ store, index }, actor, { target, reason: 'asked for', dryRun: false })
}
process.stdout.write('done\n')
await index.close()
await store.close()
