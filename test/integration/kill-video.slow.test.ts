import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { examine } from '../../src/doctor/examine.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { withIndex } from '../support/enrolled-record.ts'
import { makeClip } from '../support/make-video.ts'
import { runLikeness } from '../support/run-likeness.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const actor = { kind: 'operator' as const, name: 'tester' }

/** What was found in the video, without ids. */
async function contents(store: Store): Promise<unknown> {
  const tracks = await store.db.selectFrom('video_track').select(['number', 'first_s', 'last_s']).execute()
  const faces = await store.db
    .selectFrom('video_face')
    .innerJoin('face', 'face.id', 'video_face.face_id')
    .select(['face.number', 'role', 'time_s', 'pts', 'pixels_sha256'])
    .orderBy('face.number')
    .execute()
  const traces = await store.db.selectFrom('video_trace').select('times_s').execute()
  return { tracks, faces, points: traces.reduce((sum, { times_s: times }) => sum + times.length / 8, 0) }
}

test('an import killed inside a long video goes on where it was, and finds nothing twice', async () => {
  const folder = scratchFolder()
  // Two and a half segments, with little to see in each second.
  const few = { width: 180, height: 144, rate: 4, encoder: 'mpeg4', options: { g: '20' } }
  const video = makeClip(folder, 'long.mp4', { seconds: 150, ...few })
  const env = { LIKENESS_KEY: randomBytes(32).toString('hex'), LIKENESS_VIDEO_FRAMES: '0.5' }
  const key = Buffer.from(env.LIKENESS_KEY, 'hex')
  const importInto = async (killAtS: number | undefined, data: string): Promise<number[]> => {
    const times: number[] = []
    const command = ['import', video, '--collection', 'T', '--data', data, '--json']
    const { exitCode, stderr } = await runLikeness(command, {
      env,
      onStart: (child) =>
        child.stderr!.on('data', (text: Buffer) => {
          for (const [, timeS] of text.toString().matchAll(/"timeS":([\d.]+)/g)) {
            times.push(Number(timeS))
            if (killAtS !== undefined && Number(timeS) > killAtS) child.kill('SIGKILL')
          }
        }),
    })
    if (killAtS === undefined) expect(exitCode, stderr).toBe(0)
    else expect(exitCode).toBeNull()
    return times
  }
  const newRecord = async (): Promise<string> => {
    const data = path.join(scratchFolder(), 'data')
    const made = await runLikeness(['collections', 'create', 'T', '--basis', 'test', '--data', data], { env })
    expect(made).toMatchObject({ exitCode: 0 })
    return data
  }
  const whole = await newRecord()
  expect((await importInto(undefined, whole))[0]).toBeLessThan(60)
  const killed = await newRecord()
  await importInto(70, killed)
  await importInto(130, killed)
  const last = await importInto(undefined, killed)
  // It did not begin anew, and no minute before the last point was read again.
  expect(last[0]).toBeGreaterThanOrEqual(120)

  const [reference, resumed] = await Promise.all(
    [whole, killed].map((dataFolder) => openStore({ dataFolder, operatorKey: key })),
  )
  expect(await contents(resumed)).toEqual(await contents(reference))
  expect(await resumed.db.selectFrom('video_progress').selectAll().execute()).toEqual([])
  expect(await resumed.db.selectFrom('media').selectAll().execute()).toHaveLength(1)
  const { findings } = await examine(withIndex(resumed), actor, { repair: false })
  expect(findings.filter(({ severity }) => severity !== 'leftover')).toEqual([])
  // An encrypted record leaves no plain working file on the disk.
  expect(existsSync(path.join(killed, 'scratch'))).toBe(false)
  await reference.close()
  await resumed.close()
})
