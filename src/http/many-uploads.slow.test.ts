import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { startServer } from '../../test/support/server-process.ts'
import { newAccount, newAgency, setUp, type TestAccount } from '../../test/support/test-service.ts'
import { PHOTO_BODIES_BYTES } from './limits.ts'

const AT_ONCE = 40
const BYTES = 48 * 1024 * 1024

/** Most memory that a process ever had, bytes. */
function peakOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
}

test('many large files sent at once take no more memory than is counted, and who must wait is told so', async () => {
  const server = await startServer(path.join(scratchFolder(), 'data'))
  const operator = await setUp(server)
  const agencyId = await newAgency(operator, 'Agency')
  const { client }: TestAccount = await newAccount(operator, agencyId, 'Examiner', ['examiner'])
  const { id } = await client.call('createCase', {
    body: { number: '1', title: 'A case', purpose: 'training', legalBasis: 'test' },
  })
  const photo = readFileSync(groupPhoto(1))
  // The engine must run: its memory is not what is measured here.
  expect((await client.send('addProbe', { params: { id }, body: photo })).status).toBe(201)
  const before = peakOf(server.child.pid!)
  const noise = randomBytes(BYTES)
  const replies = await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      // Whoever is sent away while still sending may see the connection closed instead of the answer.
      const reply = await client.send('addProbe', { params: { id }, body: noise }).catch(() => undefined)
      await reply?.arrayBuffer().catch(() => undefined)
      return { status: reply?.status, retryAfter: reply?.headers.get('retry-after') }
    }),
  )
  // See PHOTO_BODIES_BYTES; all of them together would take many times as much.
  expect(peakOf(server.child.pid!) - before).toBeLessThan(3 * PHOTO_BODIES_BYTES + 128 * 1024 * 1024)
  const busy = replies.filter(({ status }) => status === 503)
  expect(busy.length).toBeGreaterThan(0)
  expect(busy.every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true)
  // Those that fitted were read, and refused as no picture.
  expect(replies.some(({ status }) => status === 422)).toBe(true)
  expect((await client.send('addProbe', { params: { id }, body: photo })).status).toBe(201)
})
