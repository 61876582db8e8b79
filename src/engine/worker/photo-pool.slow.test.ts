import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { groupPhoto } from '../../../scripts/sample-photos.ts'
import { createEngine } from '../create-engine.ts'

const ROUNDS = 40
const AT_ONCE = 4
/** Within the time that one of the photos takes, so that readings end in every step. */
const LONGEST_MS = 400

test('readings that are given up at any moment end, harm no other, and never the process', async () => {
  const engine = await createEngine({ workers: 2 })
  onTestFinished(() => engine.close())
  const photo = readFileSync(groupPhoto(1))
  const whole = await engine.readPhoto(photo)
  for (let round = 0; round < ROUNDS; round++) {
    const givenUp = Array.from({ length: AT_ONCE }, (_, at) =>
      engine
        .readPhoto(photo, { signal: AbortSignal.timeout(1 + (((round * AT_ONCE + at) * 7) % LONGEST_MS)) })
        .then(
          () => 'read',
          (error: Error) => error.name,
        ),
    )
    for (const end of await Promise.all(givenUp)) expect(['read', 'TimeoutError']).toContain(end)
  }
  expect(await engine.readPhoto(photo)).toEqual(whole)
}, 120_000)
