import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

// House rules over the whole tree. Each rule names what it found, so that the message is the to-do list.

/** Aim is 300; past this a file does more than one thing. */
const MAX_FILE_LINES = 400
/** Layer -> layers it may import. Areas are every other folder of `src`. */
const LAYERS = new Set(['engine', 'gallery', 'store', 'contract', 'http', 'cli'])
const FREE_FILES = new Set(['errors', 'config', 'context', 'index'])

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|tsx)$/.test(file))
const sources = files.map((file) => ({ file, text: readFileSync(file, 'utf8') }))

/** `src/engine/detect/x.ts` -> `engine`; `src/errors.ts` -> `errors`; outside `src` -> undefined. */
function layerOf(file: string): string | undefined {
  const match = /^src\/(?:([^/]+)\/|([^/]+)\.ts$)/.exec(file)
  return match?.[1] ?? match?.[2]
}

function importsOf(file: string, text: string): string[] {
  return [...text.matchAll(/(?:from|import\(|new URL\()\s*'(\.{1,2}\/[^']+)'/g)].map((match) =>
    path.posix.normalize(path.posix.join(path.posix.dirname(file), match[1])),
  )
}

function mayImport(from: string, to: string): boolean {
  if (from === to || to === 'errors') return true
  if (FREE_FILES.has(from)) return from !== 'errors'
  if (to === 'index') return false
  switch (from) {
    case 'engine':
    case 'gallery':
    case 'contract':
      return false
    case 'store':
      return to === 'config' || to === 'contract'
    case 'cli':
    case 'http':
      return to !== 'cli' && to !== 'http' ? true : from === 'cli'
    default:
      return to !== 'cli' && to !== 'http'
  }
}

describe('the tree', () => {
  test('imports only go down: http | cli -> areas -> store | gallery | engine', () => {
    const wrong = sources.flatMap(({ file, text }) => {
      const from = layerOf(file)
      if (from === undefined || file.endsWith('.test.ts')) return []
      return importsOf(file, text).flatMap((target) => {
        const to = layerOf(target)
        return to !== undefined && !mayImport(from, to) ? [`${file} imports ${target}`] : []
      })
    })
    expect(wrong).toEqual([])
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
    expect(importsOf('src/engine/a.ts', `import { x } from '../store/b.ts'`)).toEqual(['src/store/b.ts'])
    expect(LAYERS.has('engine')).toBe(true)
  })

  test(`no file is longer than ${MAX_FILE_LINES} lines`, () => {
    const long = sources
      .map(({ file, text }) => ({ file, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > MAX_FILE_LINES)
    expect(long).toEqual([])
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
