import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { holdFolder } from './folder-lock.ts'

const HOLDER = `
  import { holdFolder } from ${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)}
  process.stdin.once('data', async () => {
    try {
      await holdFolder(process.argv[1])
      process.stdout.write('held')
    } catch (error) {
      process.stdout.write(error.code)
    }
  })
  process.stdout.write('ready')
`

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'likeness-lock-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A process that waits to be told to take the folder, and then keeps it. */
async function startHolder(folder: string): Promise<ChildProcess> {
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  return holder
}

async function tellToTake(holder: ChildProcess): Promise<string> {
  const answer = once(holder.stdout!, 'data')
  holder.stdin!.write('go')
  const [bytes] = await answer
  return String(bytes)
}

async function killed(holder: ChildProcess): Promise<void> {
  const exited = once(holder, 'exit')
  holder.kill('SIGKILL')
  await exited
}

test('a folder is held by one process, until it is released or the process is killed', async () => {
  const folder = await emptyFolder()
  const holder = await startHolder(folder)
  expect(await tellToTake(holder)).toBe('held')
  await expect(holdFolder(folder)).rejects.toMatchObject({ code: 'conflict' })
  await killed(holder)
  const held = await holdFolder(folder)
  await expect(holdFolder(folder)).rejects.toMatchObject({ code: 'conflict' })
  await held.release()
  await (await holdFolder(folder)).release()
  expect(await readdir(folder)).toEqual([])
})

test('of many that come at once, over the claim of a killed one, never do two hold the folder', async () => {
  const folder = await emptyFolder()
  for (let round = 0; round < 8; round++) {
    const holders = await Promise.all(Array.from({ length: 6 }, () => startHolder(folder)))
    const answers = await Promise.all(holders.map(tellToTake))
    const held = answers.filter((answer) => answer === 'held').length
    expect(held).toBeLessThanOrEqual(1)
    expect(answers.filter((answer) => answer === 'conflict')).toHaveLength(6 - held)
    await Promise.all(holders.map(killed))
  }
  await (await holdFolder(folder)).release()
  expect(await readdir(folder)).toEqual([])
})
