import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../support/scratch-folder.ts'

/** One that hangs is killed then, and has no exit code. */
const GIVE_UP_MS = 20_000

interface Ending {
  code: number | null
  errors: string
}

async function serve(args: string[], env: Record<string, string> = {}): Promise<Ending> {
  const child = spawn(process.execPath, ['bin/likeness.js', 'serve', ...args, '--log-level', 'silent'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), GIVE_UP_MS)
  let errors = ''
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { code, errors }
}

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

function newFolder(): string {
  return path.join(scratchFolder(), 'data')
}

test.each([
  {
    name: 'port taken',
    begin: async () => ['--data', newFolder(), '--port', String(await takenPort())],
    says: /Another program listens on 127\.0\.0\.1, port \d+ already/,
  },
  {
    name: 'metrics port taken',
    begin: async () => ['--data', newFolder(), '--port', '0', '--metrics-port', String(await takenPort())],
    says: /Another program listens on 127\.0\.0\.1, port \d+ already/,
  },
  {
    name: 'no such address',
    begin: async () => ['--data', newFolder(), '--port', '0', '--host', '203.0.113.1'],
    says: /no address to listen on/,
  },
  {
    name: 'certificate that is none',
    begin: async () => ['--data', newFolder(), '--port', '0', ...tls()],
    says: /certificate/i,
  },
  {
    name: 'audit key that is none',
    begin: async () => ['--data', newFolder(), '--port', '0', '--audit-key', madeUpFile('no key')],
    says: /key/i,
  },
  {
    name: 'data folder is a file',
    begin: async () => ['--data', madeUpFile('no folder'), '--port', '0'],
    says: /folder/i,
  },
])('a start that fails says why and leaves nothing running: $name', async ({ begin, says }) => {
  const { code, errors } = await serve(await begin())
  expect(errors).toMatch(says)
  expect(code).toBe(2)
  expect(errors.trim().split('\n')).toHaveLength(1)
})

test('a start that failed may be repeated on the same folder', async () => {
  const folder = newFolder()
  const port = String(await takenPort())
  expect((await serve(['--data', folder, '--port', port])).code).toBe(2)
  expect((await serve(['--data', folder, '--port', port])).errors).toMatch(/Another program listens/)
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s during the start ends it cleanly', async (signal) => {
  const args = ['bin/likeness.js', 'serve', '--data', newFolder(), '--port', '0', '--log-level', 'silent']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  // Said by the start itself, just before it waits for requests or signals.
  await once(child.stderr, 'data')
  child.kill(signal)
  const [code] = (await once(child, 'exit')) as [number | null]
  expect(code).toBe(0)
})

function madeUpFile(text: string): string {
  const file = path.join(scratchFolder(), 'file')
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, 0o600)
  return file
}

function tls(): string[] {
  return ['--tls-cert', madeUpFile('no certificate'), '--tls-key', madeUpFile('no key')]
}
