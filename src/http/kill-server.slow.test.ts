import { readFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { withIndex } from '../../test/support/enrolled-record.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { freePort, startServer } from '../../test/support/server-process.ts'
import { join, newAccount, newAgency, type TestAccount } from '../../test/support/test-service.ts'
import { localOperator } from '../actor/actor.ts'
import { ApiProblem, type CallInput } from '../contract/client/api-client.ts'
import type { EndpointName } from '../contract/endpoints.ts'
import { examine } from '../doctor/examine.ts'
import { openStore } from '../store/store.ts'

/** As the project promises. */
const KILLS = 30
/** A server lives up to this long under load before it is killed; reading a first photo takes most of it. */
const LONGEST_LIFE_MS = 1500
const LANES_A_KIND = 2

/** Park and Miller's generator: the same moments for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Something that is made by one request. */
interface Write<Name extends EndpointName = EndpointName> {
  by: TestAccount
  name: Name
  input: CallInput<Name>
}

/** What the service said it has made, and requests that it did not live to answer. */
interface Ledger {
  acknowledged: { write: Write; id: string }[]
  unanswered: Write[]
}

/** @returns the id of what was made */
async function send({ by, name, input }: Write): Promise<string> {
  const made: unknown = await by.client.call(name, input)
  return (made as { id: string }).id
}

/** Sends one write after another until the server is gone. */
async function lane(ledger: Ledger, next: () => Write): Promise<void> {
  for (;;) {
    const write = next()
    try {
      ledger.acknowledged.push({ write, id: await send(write) })
    } catch (error) {
      if (error instanceof ApiProblem) throw error
      ledger.unanswered.push(write)
      return
    }
  }
}

test(`${KILLS} kills of the server under load lose no acknowledged write and break no audit log`, async () => {
  const dataFolder = path.join(scratchFolder(), 'data')
  const port = await freePort()
  let server = await startServer(dataFolder, port)
  const operator = await join(server.address, server.setupLink!, { email: 'o@instance.example', name: 'O' })
  const agencyId = await newAgency(operator, 'Agency')
  const examiner = await newAccount(operator, agencyId, 'Examiner', ['examiner'])
  const curator = await newAccount(operator, agencyId, 'Curator', ['curator'])
  const { id: caseId } = await examiner.client.call('createCase', {
    body: { number: 'probes', title: 'Probes', purpose: 'training', legalBasis: 'test' },
  })
  const photo = await sharp(readFileSync(portrait('audrey.jpg')))
    .resize({ width: 160 })
    .jpeg()
    .toBuffer()
  let serial = 0
  const key = (): string => `write-${String((serial += 1)).padStart(6, '0')}`
  const writes: (() => Write)[] = [
    (): Write<'createCase'> => {
      const idempotencyKey = key()
      const facts = { title: 'A case', purpose: 'training' as const, legalBasis: 'test' }
      return {
        by: examiner,
        name: 'createCase',
        input: { idempotencyKey, body: { number: idempotencyKey, ...facts } },
      }
    },
    (): Write<'createCollection'> => {
      const idempotencyKey = key()
      const facts = { lawfulBasis: 'test', sensitivity: 'ordinary' as const }
      return {
        by: curator,
        name: 'createCollection',
        input: { idempotencyKey, body: { title: idempotencyKey, ...facts } },
      }
    },
    // No name or number keeps a second one of these out: only the key does.
    (): Write<'addProbe'> => {
      const idempotencyKey = key()
      const input = { idempotencyKey, params: { id: caseId }, query: { label: idempotencyKey }, body: photo }
      return { by: examiner, name: 'addProbe', input }
    },
  ]
  const all: Ledger = { acknowledged: [], unanswered: [] }
  const random = seeded(20_220_224)
  for (let kill = 0; kill < KILLS; kill++) {
    const ledger: Ledger = { acknowledged: [], unanswered: [] }
    const lanes = writes.flatMap((next) => Array.from({ length: LANES_A_KIND }, () => lane(ledger, next)))
    const timer = setTimeout(() => void server.kill(), random() * LONGEST_LIFE_MS)
    await Promise.all(lanes)
    clearTimeout(timer)
    await server.kill()
    server = await startServer(dataFolder, port)
    // The log first, as the kill left it; then what nobody knows the end of is asked for again.
    expect(await operator.client.call('verifyAudit', {})).toMatchObject({ faults: [] })
    const repeated = await Promise.all(
      ledger.unanswered.map(async (write) => ({ write, id: await send(write) })),
    )
    all.acknowledged.push(...ledger.acknowledged, ...repeated)
    all.unanswered.push(...ledger.unanswered)
  }
  await server.kill()

  const store = await openStore({ dataFolder, operatorKey: undefined })
  try {
    const made = async (name: EndpointName): Promise<Map<string, string>> => {
      const { db } = store
      const rows =
        name === 'createCase'
          ? await db.selectFrom('case_file').select(['id', 'number as label']).execute()
          : name === 'createCollection'
            ? await db.selectFrom('collection').select(['id', 'title as label']).execute()
            : await db.selectFrom('probe').select(['id', 'label']).execute()
      return new Map(rows.map(({ id, label }) => [id, label!]))
    }
    for (const name of ['createCase', 'createCollection', 'addProbe'] as const) {
      const rows = await made(name)
      const written = all.acknowledged.filter(({ write }) => write.name === name)
      expect(written.length, name).toBeGreaterThan(KILLS)
      // Each is there under the id that was said, each once, and nothing else is.
      for (const { write, id } of written) expect(rows.get(id), name).toBe(write.input.idempotencyKey)
      const labels = [...rows.values()].filter((label) => label.startsWith('write-'))
      expect(labels.length, name).toBe(written.length)
      expect(new Set(labels).size, name).toBe(labels.length)
    }
    expect(all.unanswered.length).toBeGreaterThan(KILLS)
    const { findings } = await examine(withIndex(store), localOperator('tester'), { repair: false })
    expect(findings.filter(({ severity }) => severity !== 'leftover')).toEqual([])
  } finally {
    await store.close()
  }
})
