import { spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { cacheFolder } from '../../src/engine/pack/find-pack.ts'
import { librariesWithMakersAddress } from '../support/makers-address.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** Node's own: what it made of the sources, and vitest's. */
const OURS = /^tmp\/(node-compile-cache|vitest|likeness-)/

interface Watched {
  code: number | null
  output: string
  /** Files and folders in the home and temporary folder that were empty before. */
  files: string[]
  /** Every call that connects to, or sends to, another address than a path of this machine. */
  calls: string[]
}

/** Runs a program in an empty home under strace. @param onOutput may stop it */
async function watch(args: readonly string[], onOutput: (text: string) => void = () => {}): Promise<Watched> {
  const root = scratchFolder()
  for (const name of ['home', 'tmp']) mkdirSync(path.join(root, name))
  const trace = path.join(root, 'trace')
  // Nothing of the caller's environment, which may have switched off what is looked for.
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: path.join(root, 'home'),
    TMPDIR: path.join(root, 'tmp'),
    LIKENESS_CACHE: cacheFolder(),
    // What a caller's environment may hold and must not matter.
    BETTER_AUTH_TELEMETRY: '1',
    BETTER_AUTH_TELEMETRY_ENDPOINT: 'http://127.0.0.1:9/',
  }
  const options: SpawnOptions = { env, stdio: ['ignore', 'pipe', 'pipe'] }
  const tracing = ['-f', '-qq', '--seccomp-bpf', '-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-o', trace]
  const child = spawn('strace', [...tracing, process.execPath, ...args], options)
  let output = ''
  const take = (data: Buffer): void => {
    output += data.toString()
    onOutput(output)
  }
  child.stdout!.on('data', take)
  child.stderr!.on('data', take)
  const [code] = (await once(child, 'close')) as [number | null]
  const files = ['home', 'tmp']
    .flatMap((name) =>
      readdirSync(path.join(root, name), { recursive: true, encoding: 'utf8' }).map(
        (file) => `${name}/${file}`,
      ),
    )
    .filter((file) => !OURS.test(file))
  const calls = readFileSync(trace, 'utf8')
    .split('\n')
    .filter((line) => /AF_INET/.test(line))
  return { code, output, files, calls }
}

const clean = { files: [], calls: [] }

test('the command reads a photo and leaves nothing in the home folder, and asks no network', async () => {
  const watched = await watch(['bin/likeness.js', 'faces', groupPhoto(1), '--json'])
  expect(watched).toMatchObject({ code: 0, ...clean })
})

test('the library in a program of others does the same', async () => {
  const program = path.join(scratchFolder(), 'host.mjs')
  const entry = pathToFileURL(path.resolve('src/index.ts')).href
  writeFileSync(
    program,
    `import { createEngine } from ${JSON.stringify(entry)}
     const engine = await createEngine({ workers: 1 })
     const reading = await engine.readPhoto(${JSON.stringify(groupPhoto(1))})
     console.log(reading.faces.length > 0 ? 'faces found' : 'none')
     await engine.close()`,
  )
  const watched = await watch([program])
  expect(watched.output).toContain('faces found')
  expect(watched).toMatchObject({ code: 0, ...clean })
})

/** Where the key that signs the log is made, outside the data folder (docs/operating.md). */
const OWN_STATE = 'home/.local/state/likeness'

test('the service starts, listens and stops; it leaves its signing key in the home folder, nothing else', async () => {
  const data = path.join(scratchFolder(), 'data')
  const args = ['bin/likeness.js', 'serve', '--data', data, '--port', '0', '--json']
  const watched = await watch(args, (text) => {
    // Its log names its process; strace, told to end, would only let go of it.
    const pid = /"pid":(\d+)/.exec(text)?.[1]
    if (text.includes('"address":"http') && pid !== undefined) process.kill(Number(pid), 'SIGTERM')
  })
  expect(watched.output).toContain('"address":"http')
  const [own, ...others] = watched.files.filter((file) => path.dirname(file) === OWN_STATE)
  expect(own, 'the folder of this data folder').toBeDefined()
  expect(others).toEqual([])
  expect(watched).toMatchObject({
    calls: [],
    files: ['home/.local', 'home/.local/state', OWN_STATE, own, `${own}/audit-signing-key.pem`],
  })
})

test('no library that is installed for running holds the address of its maker', () => {
  expect(librariesWithMakersAddress('node_modules')).toEqual([])
})
