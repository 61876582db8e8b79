import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { join, newAccount, newAgency, PUBLIC_URL } from '../../test/support/test-service.ts'

export interface BenchServer {
  address: string
  setupLink: string | undefined
  /** Processor time that it has used, all threads. */
  cpuMs(): number
  stop(): Promise<void>
}

/** Clock ticks a second, as Linux counts them for programs (USER_HZ). */
const TICKS_A_SECOND = 100

/** The service as users run it: a process of its own. @param further options of `likeness serve` */
export async function startServer(dataFolder: string, further: readonly string[] = []): Promise<BenchServer> {
  const args = [
    'bin/likeness.js',
    'serve',
    '--data',
    dataFolder,
    '--port',
    '0',
    '--json',
    '--log-level',
    'error',
  ]
  const child = spawn(process.execPath, [...args, '--public-url', PUBLIC_URL, ...further], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { address, setupLink } = JSON.parse(line) as Pick<BenchServer, 'address' | 'setupLink'>
  return {
    address,
    setupLink,
    cpuMs() {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND
    },
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

export interface Prepared {
  apiKey: string
  caseId: string
  collectionId: string
}

/** An agency with a collection, an examiner's key and a case. */
export async function prepareAccounts({ address, setupLink }: BenchServer): Promise<Prepared> {
  const operator = await join(address, setupLink!, { email: 'operator@bench.example', name: 'Operator' })
  const agencyId = await newAgency(operator, 'Bench')
  const curator = await newAccount(operator, agencyId, 'Curator', ['curator'])
  const { id: collectionId } = await curator.client.call('createCollection', {
    body: { title: 'Made up', lawfulBasis: 'made-up faces', sensitivity: 'ordinary' },
  })
  const { client } = await newAccount(operator, agencyId, 'Examiner', ['examiner'])
  const { id: caseId } = await client.call('createCase', {
    body: { number: '1', title: 'Bench', purpose: 'training', legalBasis: 'bench' },
  })
  const { key } = await client.call('createApiKey', {
    body: { name: 'bench', scopes: ['probe.add', 'search.run', 'search.read', 'case.read'], days: 1 },
  })
  return { apiKey: key, caseId, collectionId }
}
