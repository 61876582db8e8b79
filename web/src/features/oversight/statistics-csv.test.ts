import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { statisticsCsv } from './statistics-csv.ts'

const NOTHING = { searches: [], verifications: [], acts: [] }
const HEAD = ['month', 'agency', 'what', 'purpose', 'count']

const rowsOf = (csv: string): string[][] => parse(csv)

test('nothing counted is a table with its head', () => {
  expect(rowsOf(statisticsCsv(NOTHING))).toEqual([HEAD])
})

test('each count is a row of its own', () => {
  const month = '2026-10'
  const agency = 'Kyiv bureau'
  const csv = statisticsCsv({
    searches: [{ month, agency, purpose: 'find_missing_person', withCandidates: 3, withoutCandidate: 1 }],
    verifications: [{ month, agency, purpose: 'training', alike: 2, notAlike: 0 }],
    acts: [{ month, agency, action: 'media.erase', count: 7 }],
  })
  expect(rowsOf(csv)).toEqual([
    HEAD,
    [month, agency, 'search with candidates', 'find_missing_person', '3'],
    [month, agency, 'search without candidate', 'find_missing_person', '1'],
    [month, agency, 'verification alike', 'training', '2'],
    [month, agency, 'verification not alike', 'training', '0'],
    [month, agency, 'media.erase', '', '7'],
  ])
})

test.each([
  ['Бюро "Схід", Харків', 'Бюро "Схід", Харків'],
  ['two\nlines', 'two\nlines'],
  ['=1+1', "'=1+1"],
  ['@sum(a1)', "'@sum(a1)"],
  ['+380', "'+380"],
  ['-1, "x"', `'-1, "x"`],
])('an agency called %j is text for every reader, and never a formula', (agency, read) => {
  const acts = [{ month: '2026-10', agency, action: 'media.erase', count: 1 }]
  expect(rowsOf(statisticsCsv({ ...NOTHING, acts }))[1][1]).toBe(read)
})
