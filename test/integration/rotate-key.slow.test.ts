import { randomBytes } from 'node:crypto'
import { cpSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { runLikeness, type CommandResult } from '../support/run-likeness.ts'
import { filesBelow, scratchFolder } from '../support/scratch-folder.ts'

const KILLS = 12
const PHOTOS = 12

function run(data: string, key: string, ...args: string[]): Promise<CommandResult> {
  return runLikeness([...args, '--data', data, '--key-file', key])
}

function similarities(stdout: string): string[] {
  return stdout.match(/"similarity": [-\d.]+/g) ?? []
}

test('a change of keys that is killed at any moment goes on when it is run again', async () => {
  const photos = scratchFolder()
  for (let index = 0; index < PHOTOS; index++) {
    const image = sharp(portrait('audrey.jpg'))
      .resize({ width: 200 })
      .modulate({ brightness: 0.8 + index * 0.02 })
    // Bytes after the picture's end, so that writing the originals anew takes a while.
    writeFileSync(
      path.join(photos, `${index}.jpg`),
      Buffer.concat([await image.jpeg().toBuffer(), randomBytes(4_000_000)]),
    )
  }
  const keys = scratchFolder()
  const [oldKey, newKey] = ['old', 'new'].map((name) => {
    const file = path.join(keys, name)
    writeFileSync(file, randomBytes(32).toString('hex'))
    return file
  })
  const whole = path.join(scratchFolder(), 'data')
  await run(whole, oldKey, 'collections', 'create', 'T', '--basis', 'test')
  expect((await run(whole, oldKey, 'import', photos, '--collection', 'T')).exitCode).toBe(0)
  const search = (data: string, key: string) =>
    run(data, key, 'search', portrait('cage.jpg'), '--json', '--threshold=-1')
  const before = await search(whole, oldKey)
  expect(before.exitCode).toBe(0)
  expect(similarities(before.stdout)).toHaveLength(PHOTOS)

  const rotate = (data: string, key: string, delayMs?: number) =>
    runLikeness(['key', 'rotate', '--data', data, '--key-file', key, '--new-key-file', newKey], {
      onStart: (child) => delayMs !== undefined && setTimeout(() => child.kill('SIGKILL'), delayMs),
    })
  const timed = path.join(scratchFolder(), 'data')
  cpSync(whole, timed, { recursive: true })
  const startedMs = Date.now()
  expect((await rotate(timed, oldKey)).exitCode).toBe(0)
  const wholeMs = Date.now() - startedMs

  let killed = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const data = path.join(scratchFolder(), 'data')
    cpSync(whole, data, { recursive: true })
    const first = await rotate(data, oldKey, ((kill + 0.5) / KILLS) * wholeMs)
    killed += first.exitCode === null ? 1 : 0
    // The same command again, as a person would; the old key may or may not open the folder still.
    const second = await rotate(data, oldKey)
    expect(second, `killed after ${kill} of ${KILLS}`).toMatchObject({ exitCode: 0 })
    const doctor = await run(data, newKey, 'doctor')
    expect(doctor, `killed after ${kill} of ${KILLS}`).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('no fault'),
    })
    expect((await run(data, oldKey, 'doctor')).stderr).toContain('not the key of this data folder')
    const after = await search(data, newKey)
    expect(similarities(after.stdout)).toEqual(similarities(before.stdout))
    expect(filesBelow(data).filter(({ file }) => file.endsWith('.tmp'))).toEqual([])
  }
  expect(killed).toBeGreaterThan(KILLS / 2)
})
