import { expect, test } from 'vitest'
import { monthsAgo, monthsBetween, periodOf } from './months.ts'

test('months go over the year', () => {
  expect(monthsAgo(3, Date.parse('2022-02-28T23:59:00Z'))).toBe('2021-11')
  expect(monthsBetween('2021-11', '2022-02')).toEqual(['2021-11', '2021-12', '2022-01', '2022-02'])
  expect(periodOf('2021-11', '2021-12')).toEqual({
    since: '2021-11-01T00:00:00.000Z',
    until: '2022-01-01T00:00:00.000Z',
  })
})
