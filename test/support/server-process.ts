import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { PUBLIC_URL } from './test-service.ts'

/** It lets what is under way finish. */
const STOP_WITHIN_MS = 40_000

export interface ServerProcess {
  address: string
  setupLink: string | undefined
  child: ChildProcess
  /** Ends it at once, as a power cut would; resolves when it is gone. */
  kill(): Promise<void>
}

/** A real server process on a data folder, listening. @param port a free one when left out */
export async function startServer(dataFolder: string, port = 0): Promise<ServerProcess> {
  const args = ['bin/likeness.js', 'serve', '--data', dataFolder, '--port', String(port)]
  const child = spawn(
    process.execPath,
    [...args, '--json', '--log-level', 'silent', '--public-url', PUBLIC_URL],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  onTestFinished(() => end('SIGTERM'), STOP_WITHIN_MS)
  const lines = createInterface({ input: child.stdout })
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The server ended with ${String(code)} before it listened.`)
    }),
  ])) as [string]
  const { address, setupLink } = JSON.parse(line) as { address: string; setupLink: string | undefined }
  return { address, setupLink, child, kill: () => end('SIGKILL') }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
