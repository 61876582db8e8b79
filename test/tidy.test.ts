import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { withAreas } from '../scripts/write-architecture.ts'
import { AREAS, importsOfArea } from './areas.ts'

// House rules over the whole tree. Each rule names what it found, so that the message is the to-do list.

/** Aim is 300; past this a file does more than one thing. */
const MAX_FILE_LINES = 400
/** Files of .oxlintrc.json whose functions may be longer than 70 lines. Goes down when one of them is split, never up. */
const LONG_FUNCTION_FILES = 69

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|tsx)$/.test(file))
const sources = files.map((file) => ({ file, text: readFileSync(file, 'utf8') }))

/** `src/engine/detect/x.ts` -> `engine`; `src/errors.ts` -> `errors`; outside `src` -> undefined. */
function areaOf(file: string): string | undefined {
  const match = /^src\/(?:([^/]+)\/|([^/]+)\.ts$)/.exec(file)
  return match?.[1] ?? match?.[2]
}

function importsOf(file: string, text: string): string[] {
  return [...text.matchAll(/(?:from|import\(|new URL\()\s*'(\.{1,2}\/[^']+)'/g)].map((match) =>
    path.posix.normalize(path.posix.join(path.posix.dirname(file), match[1])),
  )
}

/** @param from name of an area */
function mayImport(from: string, to: string): boolean {
  if (from === to || to === 'errors') return true
  return AREAS.some((area) => area.name === from && importsOfArea(area).includes(to))
}

/** Files that import one another in a circle, types included; each circle once. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = []
  const done = new Set<string>()
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push(way.slice(way.indexOf(file)))
    if (way.includes(file) || done.has(file)) return
    for (const next of imports.get(file) ?? []) walk(next, [...way, file])
    done.add(file)
  }
  for (const file of imports.keys()) walk(file, [])
  return circles
}

const isProduct = (file: string): boolean => file.startsWith('src/') && !file.includes('.test.')

describe('the tree', () => {
  const ofProduct = sources.filter(({ file }) => file.startsWith('src/') && !file.endsWith('.test.ts'))

  test('areas import what the list of areas lets them, and nothing in a circle', () => {
    const known = AREAS.map(({ name }) => name)
    for (const [at, area] of AREAS.entries())
      expect(known.slice(0, at), `${area.name} stands on what comes before it`).toEqual(
        expect.arrayContaining(importsOfArea(area)),
      )
    const wrong = ofProduct.flatMap(({ file, text }) =>
      importsOf(file, text).flatMap((target) => {
        const [from, to] = [areaOf(file)!, areaOf(target)]
        return to !== undefined && !mayImport(from, to) ? [`${file} imports ${target}`] : []
      }),
    )
    expect(wrong).toEqual([])
    const used = new Set(
      ofProduct.flatMap(({ file, text }) =>
        importsOf(file, text).map((target) => `${areaOf(file)} ${areaOf(target)}`),
      ),
    )
    const needless = AREAS.flatMap((area) =>
      importsOfArea(area)
        .filter((to) => !used.has(`${area.name} ${to}`))
        .map((to) => `${area.name} need not import ${to}`),
    )
    expect(needless).toEqual([])
  })

  test('no files import one another in a circle', () => {
    expect(circlesOf(new Map(ofProduct.map(({ file, text }) => [file, importsOf(file, text)])))).toEqual([])
    const three = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    expect(circlesOf(three)).toEqual([['b', 'c']])
  })

  test('ARCHITECTURE.md shows the areas as they are', () => {
    const document = readFileSync('ARCHITECTURE.md', 'utf8')
    expect(document).toBe(withAreas(document))
  })

  test('the web app imports nothing of the service but its contract', () => {
    const wrong = sources.flatMap(({ file, text }) =>
      file.startsWith('web/')
        ? importsOf(file, text)
            .filter((target) => target.startsWith('src/') && !target.startsWith('src/contract/'))
            .map((target) => `${file} imports ${target}`)
        : [],
    )
    expect(wrong).toEqual([])
    expect(importsOf('web/src/api.ts', `import { x } from '../../src/errors.ts'`)).toEqual(['src/errors.ts'])
  })

  test('the rule above sees a wrong import', () => {
    expect(mayImport('engine', 'store')).toBe(false)
    expect(mayImport('gallery', 'engine')).toBe(false)
    expect(mayImport('store', 'http')).toBe(false)
    expect(mayImport('search', 'gallery')).toBe(true)
    expect(mayImport('a new area', 'store')).toBe(false)
    expect(importsOf('src/engine/a.ts', `import { x } from '../store/b.ts'`)).toEqual(['src/store/b.ts'])
  })

  test(`no file is longer than ${MAX_FILE_LINES} lines`, () => {
    const long = sources
      .map(({ file, text }) => ({ file, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > MAX_FILE_LINES)
    expect(long).toEqual([])
  })

  test('files with functions over 70 lines are fewer each time, and those that are listed stand there', () => {
    const { overrides } = JSON.parse(readFileSync('.oxlintrc.json', 'utf8')) as {
      overrides: { files: string[]; rules: Record<string, unknown> }[]
    }
    const listed = overrides
      .filter(({ rules }) => rules['eslint/max-lines-per-function'] === 'off')
      .flatMap((override) => override.files.filter((file) => !file.includes('*')))
    expect(listed.filter((file) => !files.includes(file))).toEqual([])
    expect(listed.length).toBeLessThanOrEqual(LONG_FUNCTION_FILES)
  })

  test('files are named in kebab-case and for what they do', () => {
    const wrong = files.filter((file) => {
      const name = path.basename(file).replace(/(\.(test|slow|config|d))*\.tsx?$/, '')
      const kebab =
        file.startsWith('web/') && file.endsWith('.tsx') ? true : /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)
      return !kebab || /^(utils?|helpers?|misc|manager|service)$/.test(name)
    })
    expect(wrong).toEqual([])
  })

  test('product code has no default exports, enums, focused tests, sleeps in tests, or mocks', () => {
    const bans: [RegExp, string, (file: string) => boolean][] = [
      [/^export default/m, 'default export', (file) => file.startsWith('src/')],
      [/^(export )?(const )?enum /m, 'enum', () => true],
      [/\b(test|it|describe)\.(only|skip)\(/, 'focused or skipped test', (file) => file.includes('.test.')],
      [/vi\.(mock|spyOn|fn)\(/, 'mock', (file) => file.includes('.test.') && file !== 'test/tidy.test.ts'],
      [/@ts-(ignore|nocheck)/, 'type check switched off', (file) => file !== 'test/tidy.test.ts'],
      [
        /\bnew Worker\(/,
        'a thread that is not begun by startThread',
        (file) => isProduct(file) && file !== 'src/concurrency/start-thread.ts',
      ],
      [
        /\bsetInterval\(/,
        'a timer that is no WorkLoop',
        // A sign of life, out of a thread that reads archives.
        (file) => isProduct(file) && file !== 'src/sources/web-archive/archive-worker.ts',
      ],
      [
        /Promise<\w+> = Promise\.resolve\(\)/,
        'a queue made by hand where SerialQueue stands',
        (file) => isProduct(file) && file !== 'src/concurrency/serial-queue.ts',
      ],
      [/Math\.random\(/, 'unseeded randomness', (file) => file.startsWith('src/')],
    ]
    const wrong = sources.flatMap(({ file, text }) =>
      bans.flatMap(([pattern, what, applies]) =>
        applies(file) && pattern.test(text) ? [`${file}: ${what}`] : [],
      ),
    )
    expect(wrong).toEqual([])
  })
})
