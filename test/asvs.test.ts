import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const TABLE = new URL('../docs/asvs.md', import.meta.url)
const ROOT = new URL('..', import.meta.url)
/** Requirements of levels 1 and 2 in version 5.0.0: of each section the numbers, and how many there are in all. */
const SECTIONS: Record<string, string> = {
  '1.1': '1-2',
  '1.2': '1-9',
  '1.3': '1-11',
  '1.4': '1-3',
  '1.5': '1-2',
  '2.1': '1-3',
  '2.2': '1-3',
  '2.3': '1-4',
  '2.4': '1-1',
  '3.2': '1-2',
  '3.3': '1-4',
  '3.4': '1-6',
  '3.5': '1-5',
  '3.7': '1-2',
  '4.1': '1-3',
  '4.2': '1-1',
  '4.3': '1-2',
  '4.4': '1-4',
  '5.1': '1-1',
  '5.2': '1-3',
  '5.3': '1-2',
  '5.4': '1-3',
  '6.1': '1-3',
  '6.2': '1-12',
  '6.3': '1-4',
  '6.4': '1-4',
  '6.5': '1-5',
  '6.6': '1-3',
  '6.8': '1-4',
  '7.1': '1-3',
  '7.2': '1-4',
  '7.3': '1-2',
  '7.4': '1-5',
  '7.5': '1-2',
  '7.6': '1-2',
  '8.1': '1-2',
  '8.2': '1-3',
  '8.3': '1-1',
  '8.4': '1-1',
  '9.1': '1-3',
  '9.2': '1-4',
  '10.1': '1-2',
  '10.2': '1-2',
  '10.3': '1-4',
  '10.4': '1-11',
  '10.5': '1-5',
  '10.6': '1-2',
  '10.7': '1-3',
  '11.1': '1-2',
  '11.2': '1-3',
  '11.3': '1-3',
  '11.4': '1-4',
  '11.5': '1-1',
  '11.6': '1-1',
  '12.1': '1-3',
  '12.2': '1-2',
  '12.3': '1-4',
  '13.1': '1-1',
  '13.2': '1-5',
  '13.3': '1-2',
  '13.4': '1-5',
  '14.1': '1-2',
  '14.2': '1-4',
  '14.3': '1-3',
  '15.1': '1-3',
  '15.2': '1-3',
  '15.3': '1-7',
  '16.1': '1-1',
  '16.2': '1-5',
  '16.3': '1-4',
  '16.4': '1-3',
  '16.5': '1-3',
  '17.1': '1-1',
  '17.2': '1-4',
  '17.3': '1-2',
}

const rows = readFileSync(TABLE, 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')))

test('every requirement of levels 1 and 2 is in the table once, with an answer and evidence', () => {
  const wanted = Object.entries(SECTIONS).flatMap(([section, numbers]) => {
    const [first, last] = numbers.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => `${section}.${first + at}`)
  })
  expect(rows.flatMap(([ids]) => ids.split(', '))).toEqual(wanted)
  for (const [ids, what, answer, evidence] of rows) {
    expect(what, ids).not.toBe('')
    expect(['holds', 'in part', '**does not hold**', 'does not apply'], ids).toContain(answer)
    expect(evidence, ids).toMatch(/\w/)
  }
})

test('every file that is named as evidence is there', () => {
  const named = rows.flatMap(([ids, , , evidence]) =>
    [...evidence.matchAll(/`([\w./-]+)`/g)].map(([, name]) => ({ ids, name })),
  )
  const files = named.filter(({ name }) => /\/|\.(ts|md|json)$/.test(name))
  expect(files.length).toBeGreaterThan(150)
  expect(files.filter(({ name }) => !existsSync(new URL(name, ROOT)))).toEqual([])
})
