import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { openStore } from './store.ts'

const WRITER = new URL('../../test/support/write-on-demand-in-process.ts', import.meta.url).pathname

test('what a process writes after another one opened and closed the record is not lost', async () => {
  const dataFolder = path.join(scratchFolder(), 'data')
  const child = spawn(process.execPath, [WRITER, dataFolder], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  const visitor = await openStore({ dataFolder, operatorKey: undefined, inThreads: true })
  await visitor.close()
  const written = once(lines, 'line')
  child.stdin.write('after\n')
  await written
  const reader = await openStore({ dataFolder, operatorKey: undefined, inThreads: true })
  const settings = await reader.db.selectFrom('setting').select('key').where('key', '=', 'after').execute()
  await reader.close()
  expect(settings).toEqual([{ key: 'after' }])
})
