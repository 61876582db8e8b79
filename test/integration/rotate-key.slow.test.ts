import type { ChildProcess } from 'node:child_process'
import { hash, randomBytes } from 'node:crypto'
import { closeSync, cpSync, openSync, readSync, writeFileSync } from 'node:fs'
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

/** An encrypted folder with photos, and two files of keys. */
async function encryptedFolder(): Promise<Record<'photos' | 'whole' | 'oldKey' | 'newKey', string>> {
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
  return { photos, whole, oldKey, newKey }
}

function search(data: string, key: string): Promise<CommandResult> {
  return run(data, key, 'search', portrait('cage.jpg'), '--json', '--threshold=-1')
}

test('a change of keys that is killed at any moment goes on when it is run again', async () => {
  const { whole, oldKey, newKey } = await encryptedFolder()
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

test('who has the disk and a photo cannot see whether that photo is here', async () => {
  const { photos, whole } = await encryptedFolder()
  const known = filesBelow(photos).map(({ bytes }) => hash('sha256', bytes))
  for (const { file, bytes } of filesBelow(whole)) {
    for (const sha256 of known) {
      expect(path.relative(whole, file)).not.toContain(sha256)
      expect(bytes.includes(Buffer.from(sha256, 'hex')), file).toBe(false)
      expect(bytes.includes(sha256), file).toBe(false)
    }
  }
})

test('killed while the database is written anew, the folder opens with the new key and loses nothing', async () => {
  const { whole, oldKey, newKey } = await encryptedFolder()
  const before = await search(whole, oldKey)
  for (const how of ['rotate again', 'open first']) {
    for (let kill = 0; kill < 3; kill++) {
      const data = path.join(scratchFolder(), 'data')
      cpSync(whole, data, { recursive: true })
      const first = await runLikeness(
        ['key', 'rotate', '--data', data, '--key-file', oldKey, '--new-key-file', newKey],
        { onStart: (child) => killWhileRekeying(child, path.join(data, 'record.db-journal')) },
      )
      expect(first.exitCode).toBeNull()
      if (how === 'open first') {
        expect(similarities((await search(data, newKey)).stdout)).toEqual(similarities(before.stdout))
      }
      const second = await run(data, newKey, 'key', 'rotate', '--new-key-file', newKey)
      expect(second, how).toMatchObject({ exitCode: 0 })
      const doctor = await run(data, newKey, 'doctor')
      expect(doctor, how).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('no fault') })
      expect(similarities((await search(data, newKey)).stdout)).toEqual(similarities(before.stdout))
    }
  }
})

/**
 * Kills it as soon as the rollback journal is one that SQLite would play back (its count of pages is on the disk).
 * A journal of one page is that of the end of the write-ahead log, a step before.
 */
function killWhileRekeying(child: ChildProcess, journal: string): void {
  const COUNT_AT = 8
  const look = (): void => {
    if (child.exitCode !== null) return
    const count = Buffer.alloc(4)
    try {
      const descriptor = openSync(journal, 'r')
      readSync(descriptor, count, 0, count.length, COUNT_AT)
      closeSync(descriptor)
    } catch {
      // Not there yet.
    }
    if (count.readUInt32BE(0) > 1) child.kill('SIGKILL')
    else setImmediate(look)
  }
  look()
}
