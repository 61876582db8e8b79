import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { dayOf, isDay } from './dates.ts'

const ZONES = ['America/New_York', 'Europe/Kyiv', 'Pacific/Auckland']

/** What an expression gives in a process of its own, whose clock stands in a zone. */
function inZone(zone: string, expression: string): string[] {
  const address = new URL('./dates.ts', import.meta.url).href
  const script = `import * as d from ${JSON.stringify(address)}; process.stdout.write(JSON.stringify(${expression}))`
  const env = { ...process.env, TZ: zone, NODE_OPTIONS: '' }
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { env }).toString(),
  ) as string[]
}

test.each(ZONES)('in %s what was written is shown as it was written', (zone) => {
  const shown = inZone(
    zone,
    `(f => [f.asWritten('2022-03-05T10:00:00+00:00'), f.asWritten('2022-03-05T10:00:00'), f.asWritten('2022-03-05T10:00:00Z'),
      f.day('2022-03-05'), f.day('2022-03-05T23:30:00'), f.day('2022-03-05T00:30:00+13:00'), f.day('spring 2022'), f.day('2022-02-30'),
      f.month('2022-03')])(d.dateFormats('en-GB'))`,
  )
  expect(shown).toEqual([
    '5 Mar 2022, 10:00:00 +00:00',
    '5 Mar 2022, 10:00:00',
    '5 Mar 2022, 10:00:00 UTC',
    '5 Mar 2022',
    '5 Mar 2022',
    '5 Mar 2022',
    'spring 2022',
    '2022-02-30',
    'Mar 22',
  ])
})

test.each([
  [
    'America/New_York',
    '2022-03-04',
    '4 Mar 2022, 21:30',
    '2022-03-05T05:00:00.000Z',
    '2022-03-06T05:00:00.000Z',
  ],
  ['Europe/Kyiv', '2022-03-05', '5 Mar 2022, 04:30', '2022-03-04T22:00:00.000Z', '2022-03-05T22:00:00.000Z'],
  [
    'Pacific/Auckland',
    '2022-03-05',
    '5 Mar 2022, 15:30',
    '2022-03-04T11:00:00.000Z',
    '2022-03-05T11:00:00.000Z',
  ],
])('in %s an instant is the clock there, and a day begins there', (zone, day, time, begins, ends) => {
  const instant = `'2022-03-05T02:30:00.000Z'`
  expect(
    inZone(
      zone,
      `[d.dayAt(${instant}), d.dayAt(Date.parse(${instant})), d.dateFormats('en-GB').time(${instant}),
        d.startOfDay('2022-03-05'), d.endOfDay('2022-03-05')]`,
    ),
  ).toEqual([day, day, time, begins, ends])
})

test.each(ZONES)('today in %s is the day on the clock there', (zone) => {
  // Asked before and after, as midnight may fall between.
  const here = `new Intl.DateTimeFormat('sv', { dateStyle: 'short' }).format(new Date())`
  const [before, today, next, after] = inZone(zone, `[${here}, d.today(), d.dayFromToday(0), ${here}]`)
  expect([before, after]).toContain(today)
  expect([before, after]).toContain(next)
})

test('a day of 23 hours ends where the next begins', () => {
  // Clocks in Kyiv went forward on 27 March 2022.
  expect(
    inZone(
      'Europe/Kyiv',
      `[d.startOfDay('2022-03-27'), d.endOfDay('2022-03-27'), d.instantHere('2022-03-27T12:00')]`,
    ),
  ).toEqual(['2022-03-26T22:00:00.000Z', '2022-03-27T21:00:00.000Z', '2022-03-27T09:00:00.000Z'])
})

test('days that there are not', () => {
  expect(['2022-02-28', '2022-02-30', '2022-2-3', '2022-02-28T10:00', ''].map(isDay)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
  expect([dayOf('1970-01-02T23:59:00-11:00'), dayOf('2022-02-30'), dayOf(undefined)]).toEqual([
    1,
    undefined,
    undefined,
  ])
})
