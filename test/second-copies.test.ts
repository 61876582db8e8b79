import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { KNOWN_COPIES } from './known-copies.ts'
import { copiesOf } from './support/second-copies.ts'

/** So many lines in a row are one piece of work, which stands once. */
const MIN_LINES = 6
const WHERE = /^(src|web\/src|scripts|bench|test\/support)\/.*\.tsx?$/

function sourcesOfTree(): { file: string; text: string }[] {
  return execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => WHERE.test(file) && existsSync(file))
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }))
}

test(`no ${MIN_LINES} lines stand in two places; those that are listed become fewer`, () => {
  const copies = copiesOf(sourcesOfTree(), MIN_LINES)
  const more = copies.filter(({ file, lines }) => lines > (KNOWN_COPIES[file] ?? 0))
  expect(more, 'lines that stand elsewhere too').toEqual([])
  const none = Object.keys(KNOWN_COPIES).filter((file) => !copies.some((found) => found.file === file))
  expect(none, 'files without copies, to be taken from test/known-copies.ts').toEqual([])
})

test('copies are seen through indentation and white space; imports, closing brackets and rows alike are none', () => {
  const work = ['if (a) {', '  one(a,   b)', '}', 'two()', 'three()', 'four()', 'five()']
  const indented = work.map((line) => `    ${line.replaceAll(/\s+/g, ' ').trim()}`)
  const imports = Array.from({ length: 9 }, (_, at) => `import { a${at} } from './a.ts'`)
  const a = { file: 'a.ts', text: [...imports, 'const a = 1', ...work].join('\n') }
  const b = { file: 'b.ts', text: [...imports, 'const b = 1', '', ...indented].join('\n') }
  expect(copiesOf([a, b], 6)).toEqual([
    { file: 'a.ts', lines: 6, places: ['a.ts:11 b.ts:12'] },
    { file: 'b.ts', lines: 6, places: ['b.ts:12 a.ts:11'] },
  ])
  expect(copiesOf([a, b], 7)).toEqual([])
  expect(copiesOf([{ file: 'c.ts', text: [...work, ...work].join('\n') }], 6)).toMatchObject([{ lines: 12 }])
  expect(copiesOf([{ file: 'd.ts', text: 'row()\n'.repeat(11) }], 6)).toEqual([])
})
