import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import type { Actor } from '../../src/actor/actor.ts'
import { createAgency } from '../../src/access/agencies.ts'
import { BOUND_TABLES } from '../../src/store/tables/bound-rows.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestClient,
  type TestService,
} from '../../test/support/test-service.ts'
import { median, round } from '../gallery/measure.ts'

// What it costs to bind rows to the audit log: npm run bench -- audit [--rounds 9] [--actions 100] [--json]
// The same audited action with the binding and without it, turn by turn. Without: the triggers that note the rows are
// taken from the connection, so that events carry no rows; one statement that finds nothing is left.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    actions: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const actions = Number(values.actions)
const operator: Actor = { kind: 'operator', name: 'bench' }

/** Wall and processor time of one action, milliseconds: the median of the rounds. */
interface Cost {
  wallMs: number
  cpuMs: number
}

const result = {
  loadAverage: loadavg()[0],
  rounds,
  actions,
  commits: await ofCommits(),
  requests: await ofRequests(),
}
if (values.json) console.log(JSON.stringify(result, undefined, 2))
else console.table({ 'one commit': result.commits, 'one request': result.requests })

/** The cheapest audited action there is, an agency's row and its event, with nothing round it. */
async function ofCommits(): Promise<Record<string, number>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'likeness-bench-audit-'))
  const [bound, unbound] = await Promise.all(
    ['bound', 'unbound'].map((name) =>
      openStore({ dataFolder: path.join(folder, name), operatorKey: undefined }),
    ),
  )
  try {
    await unbind(unbound)
    let made = 0
    const make = (store: Store) => () => createAgency({ store }, operator, { name: `Agency ${made++}` })
    return await compare(make(bound), make(unbound), actions)
  } finally {
    await Promise.all([bound.close(), unbound.close()])
    rmSync(folder, { recursive: true })
  }
}

/** What an examiner waits for: a case opened over HTTP, signed in; the client's processor time is in it. */
async function ofRequests(): Promise<Record<string, number>> {
  const services = [await startTestService(), await startTestService()]
  try {
    const [bound, unbound] = await Promise.all(services.map(examiner))
    await unbind(services[1].ctx.store)
    let made = 0
    const open = (client: TestClient) => () =>
      client.call('createCase', {
        body: { number: `${made++}`, title: 'Bench', purpose: 'training', legalBasis: 'bench' },
      })
    // Fewer: an account may ask only so often in a minute.
    return await compare(open(bound), open(unbound), Math.ceil(actions / 4))
  } finally {
    for (const service of services) await service.remove()
  }
}

async function examiner(service: TestService): Promise<TestClient> {
  const operatorAccount = await setUp(service)
  const agencyId = await newAgency(operatorAccount, 'Bench')
  return (await newAccount(operatorAccount, agencyId, 'Examiner', ['examiner'])).client
}

async function unbind(store: Store): Promise<void> {
  for (const table of BOUND_TABLES) {
    for (const event of ['insert', 'update', 'delete']) {
      await sql.raw(`drop trigger temp.touched_${table}_${event}`).execute(store.db)
    }
  }
}

async function compare(
  bound: () => Promise<unknown>,
  unbound: () => Promise<unknown>,
  times: number,
): Promise<Record<string, number>> {
  const costs = { bound: [] as Cost[], unbound: [] as Cost[] }
  await costOf(bound, times)
  await costOf(unbound, times)
  for (let at = 0; at < rounds; at++) {
    // The order changes, so that what one leaves behind burdens both alike.
    const turns = at % 2 === 0 ? (['bound', 'unbound'] as const) : (['unbound', 'bound'] as const)
    for (const turn of turns) costs[turn].push(await costOf(turn === 'bound' ? bound : unbound, times))
  }
  const of = (all: readonly Cost[], key: keyof Cost): number => median(all.map((cost) => cost[key]))
  const ratio = (key: keyof Cost): number =>
    round(median(costs.bound.map((cost, at) => cost[key] / costs.unbound[at][key])))
  return {
    wallMs: round(of(costs.bound, 'wallMs')),
    wallMsUnbound: round(of(costs.unbound, 'wallMs')),
    wallRatio: ratio('wallMs'),
    cpuMs: round(of(costs.bound, 'cpuMs')),
    cpuMsUnbound: round(of(costs.unbound, 'cpuMs')),
    cpuRatio: ratio('cpuMs'),
  }
}

async function costOf(action: () => Promise<unknown>, times: number): Promise<Cost> {
  const cpu = process.cpuUsage()
  const wallMs: number[] = []
  for (let at = 0; at < times; at++) {
    const start = performance.now()
    await action()
    wallMs.push(performance.now() - start)
  }
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs: median(wallMs), cpuMs: (user + system) / 1000 / times }
}
