import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { openStore } from '../../src/store/store.ts'

// Makes the record of a data folder, and writes the lines of standard input into it as settings. Says when it has.
const store = await openStore({ dataFolder: process.argv[2], operatorKey: undefined, inThreads: true })
const lines = createInterface({ input: process.stdin })
process.stdout.write('open\n')
for (;;) {
  const [key] = (await once(lines, 'line')) as [string]
  await store.db.insertInto('setting').values({ key, value: 'written' }).execute()
  process.stdout.write('written\n')
}
