import { expect, test } from 'vitest'
import { examine, leadBureau } from '../../test/support/lead-bureau.ts'
import { madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { whyIneligible } from '../examination/eligible-verifiers.ts'
import { newId } from '../store/ids.ts'
import { appendAuditEvent } from './append-event.ts'
import { readLog } from './read-log.ts'

const EVENTS = 150

test('a page of the log is one event that names its cases, and who has read it is no blind verifier of any of them', async () => {
  const bureau = await leadBureau()
  const { ctx, eva, vera, theo, caseId, id } = bureau
  await examine(bureau, 'same_strong')
  const { store } = ctx
  const row = await store.db
    .selectFrom('identification')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const auditor = await madeUpAccount(store, eva.agencyId!, 'Audrey', ['auditor', 'examiner'])
  const look = { action: 'case.look', agencyId: eva.agencyId, subject: undefined, details: undefined }
  const lookAt = (cases: readonly string[]) =>
    store.db.transaction().execute(async (tx) => {
      for (const one of cases) await appendAuditEvent(tx, eva, { ...look, caseId: one })
    })
  const others = Array.from({ length: EVENTS }, () => newId())
  await lookAt([caseId, ...others])
  const reads = async () =>
    (await store.db.selectFrom('audit_event').selectAll().where('action', '=', 'audit.read').execute()).map(
      ({ details, case_id: of }) => ({ of, ...(JSON.parse(details!) as { shown: number; cases: string }) }),
    )
  await readLog(ctx, auditor, { before: undefined, limit: EVENTS })
  const [page] = await reads()
  expect(await reads()).toHaveLength(1)
  expect(page).toMatchObject({ of: null, shown: EVENTS })
  expect(page.cases.split(' ').toSorted()).toEqual(others.toSorted())
  // This page did not reach the case.
  expect(await whyIneligible(store.db, row, auditor.accountId)).toBeUndefined()
  await readLog(ctx, auditor, { before: undefined, limit: EVENTS + 2 })
  expect(await whyIneligible(store.db, row, auditor.accountId)).toBe('read_log')

  // As pages were written down before: an event for each case.
  expect(await whyIneligible(store.db, row, vera.accountId)).toBeUndefined()
  await store.db
    .transaction()
    .execute((tx) =>
      appendAuditEvent(tx, vera, { ...look, action: 'audit.read', caseId, details: { shown: 1 } }),
    )
  expect(await whyIneligible(store.db, row, vera.accountId)).toBe('read_log')
  expect(await whyIneligible(store.db, row, theo.accountId)).toBeUndefined()
})
