import { expect, onTestFinished, test } from 'vitest'
import {
  enrol,
  mateOf,
  storeWithCollection,
  testPhoto,
  unitVector,
} from '../../test/support/enrolled-record.ts'
import { agencyOfRecord, madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { madeUpContext } from '../../test/support/made-up-lead.ts'
import { standingSearchInput, watchedPerson } from '../../test/support/watched-person.ts'
import { acknowledgeAlert, takeAlert } from './handle-alert.ts'
import { isChildOn } from './is-child.ts'
import { keepDates } from './keep-dates.ts'
import { previewThresholds, type StandingSubject } from './preview-thresholds.ts'
import { setUpStandingSearch } from './set-up-standing-search.ts'
import { Watcher } from './watcher.ts'

const never = new AbortController().signal
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function subject(personId: string): StandingSubject {
  return {
    personId,
    collections: undefined,
    comparison: undefined,
    withFaces: false,
    probeFaces: [],
  }
}

test('dates: an alert past its due time is escalated once; reviews are asked for, the end date ends', async () => {
  const store = await storeWithCollection()
  const ctx = madeUpContext(store)
  onTestFinished(() => ctx.index.close())
  const agencyId = await agencyOfRecord(store)
  const examiner = await madeUpAccount(store, agencyId, 'Iryna', ['examiner'])
  const child = unitVector()
  const personId = await watchedPerson(store, examiner, [child])
  const input = standingSearchInput(personId, { threshold: 0.5, dueHours: 4 })
  const standing = await setUpStandingSearch(ctx, examiner, input, never)
  await enrol(store, [{ ...testPhoto('a.jpg'), templates: [mateOf(child, 0.8)] }])
  const watcher = new Watcher(ctx, (error) => expect(error).toBeUndefined())
  await watcher.drain()
  const [alert] = await store.db.selectFrom('alert').selectAll().execute()
  expect((await acknowledgeAlert(ctx, examiner, { id: alert.id })).state).toBe('seen')
  expect(
    await takeAlert(ctx, examiner, { id: alert.id, accountId: undefined, dueAt: undefined }),
  ).toMatchObject({
    state: 'being_examined',
    owner: 'Iryna',
  })
  const raisedMs = Date.parse(alert.raised_at)
  const hourly = [3, 5, 6].map((hours) => raisedMs + hours * HOUR_MS)
  const nextMorning = Date.parse(`${alert.raised_at.slice(0, 10)}T00:00:00Z`) + DAY_MS + 7 * HOUR_MS
  const kept = []
  for (const nowMs of [...hourly, Math.max(nextMorning, hourly[2])]) kept.push(await keepDates(ctx, nowMs))
  expect(kept.map(({ escalated }) => escalated)).toEqual([0, 1, 0, 0])
  // The test may run before midnight or after it: there is one summary of the day after.
  expect(kept.reduce((sum, { summaries }) => sum + summaries, 0)).toBe(1)

  const summary = await store.db
    .selectFrom('notice')
    .select('counts')
    .where('kind', '=', 'summary')
    .orderBy('seq', 'desc')
    .executeTakeFirstOrThrow()
  expect(JSON.parse(summary.counts!)).toMatchObject({ raised: 1, open: 1 })

  const afterReview = Date.parse(input.reviewOn) + HOUR_MS
  expect((await keepDates(ctx, afterReview)).reviews).toBe(1)
  expect((await keepDates(ctx, afterReview)).reviews).toBe(0)
  expect((await keepDates(ctx, Date.parse(input.endsOn) + DAY_MS + HOUR_MS)).ended).toBe(1)
  await watcher.drain()
  await watcher.stop()
  expect(await store.db.selectFrom('standing_face').selectAll().execute()).toEqual([])
  const ended = await store.db
    .selectFrom('standing_search')
    .select('state')
    .where('id', '=', standing.id)
    .executeTakeFirstOrThrow()
  expect(ended.state).toBe('ended')
  const actions = await store.db.selectFrom('audit_event').select('action').execute()
  for (const action of ['alert.raise', 'alert.take', 'alert.escalate', 'watch.ask_review', 'watch.end'])
    expect(actions.map((event) => event.action)).toContain(action)
})

test('children: a wider threshold, one by one, with the reason; the preview says what to expect', async () => {
  const store = await storeWithCollection()
  const base = madeUpContext(store)
  onTestFinished(() => base.index.close())
  const points = [
    { similarity: 0.2, falseMatchRate: 1e-2 },
    { similarity: 0.3, falseMatchRate: 1e-3 },
  ]
  const calibration = { source: 'made up', people: 2, pairs: 10_000, points }
  const ctx = { ...base, engine: async () => ({ ...(await base.engine()), calibration }) }
  const liaison = await madeUpAccount(store, await agencyOfRecord(store), 'Larysa', ['liaison'])
  await enrol(store, [testPhoto('a.jpg', 3), testPhoto('b.jpg', 2)])
  const photos = [unitVector(), unitVector()]
  const child = await watchedPerson(store, liaison, photos, `${new Date().getUTCFullYear() - 10}`)
  const adult = await watchedPerson(store, liaison, photos, '1960')
  const forChild = await previewThresholds(ctx, liaison, subject(child), never)
  expect(forChild).toMatchObject({
    reason: 'child',
    comparison: 'singly',
    templates: 2,
    facesAMonth: 5,
    dueHours: 4,
  })
  expect(forChild.proposed).toEqual({ falseMatchRate: 1e-3, threshold: 0.3 })
  expect(forChild.levels[0]).toEqual({
    falseMatchRate: 1e-2,
    threshold: 0.2,
    measuredRate: 1e-2,
    expectedFalseAlerts: 1e-2 * 5 * 2,
    extrapolated: false,
  })
  // 10,000 pairs were compared: what is rarer than one of them is said as less than that.
  expect(forChild.levels.at(-1)).toMatchObject({
    falseMatchRate: 1e-6,
    measuredRate: 1e-4,
    expectedFalseAlerts: 1e-4 * 5 * 2,
    extrapolated: true,
  })
  expect(forChild.words).toContain('under 18')
  const forAdult = await previewThresholds(ctx, liaison, subject(adult), never)
  expect(forAdult).toMatchObject({ reason: 'adult', comparison: 'fused', templates: 1 })
  expect(forAdult.proposed!.threshold).toBeCloseTo(0.4, 6)
  const { digest: _digest, ...row } = await setUpStandingSearch(
    ctx,
    liaison,
    standingSearchInput(child),
    never,
  )
  expect(row).toMatchObject({ threshold: 0.3, false_match_rate: 1e-3, comparison: 'singly', due_hours: 4 })
  await expect(
    setUpStandingSearch(ctx, liaison, standingSearchInput(await watchedPerson(store, liaison, [])), never),
  ).rejects.toMatchObject({ code: 'conflict' })
})

test.each([
  ['2010', '2028', true],
  ['2010', '2029', false],
  ['2010-05', '2028-05-30', true],
  ['2010-05-17', '2028-05-16', true],
  ['2010-05-17', '2028-05-17', false],
  ['1980', '1990', true],
])('born %s, on %s: child %s', (birth, on, isChild) => expect(isChildOn(birth, on)).toBe(isChild))
