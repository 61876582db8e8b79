import { localOperator } from '../actor/actor.ts'
import { listRoleRequests, settleRoleRequest } from '../access/role-requests.ts'
import { changeRoles } from '../access/accounts.ts'
import { liftSuspension, suspend } from '../access/suspensions.ts'
import { listEligible } from './list-eligible.ts'
import { describe, expect, test } from 'vitest'
import { madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { comparison, suitable } from '../../test/support/made-up-lead.ts'
import { showCase } from '../cases/show-case.ts'
import { showSearch } from '../cases/show-search.ts'
import type { Conclusion } from '../contract/examination-words.ts'
import { askThirdExaminer } from '../identification/ask-verifications.ts'
import { showIdentification } from '../identification/show-identification.ts'
import { linkFace } from '../people/link-face.ts'
import type { Lineup } from './choose-fillers.ts'
import {
  abandonExamination,
  analyseProbe,
  beginExamination,
  compareCandidate,
  finishExamination,
} from './examine-candidate.ts'
import { showLineup } from './examine-lineup.ts'
import { methodErrors } from './measured-error.ts'
import { assignLineup, returnLineup, takeLineup } from './take-lineup.ts'
import { leadBureau, examine, verify, stateOf, person } from '../../test/support/lead-bureau.ts'

describe('a first examination', () => {
  test('shows nothing to compare with before the analysis is finished, in the search neither', async () => {
    const made = await leadBureau()
    const { ctx, eva, id, searchId } = made
    const { examination, items } = await beginExamination(ctx, eva, { identificationId: id })
    const compare = { id: examination.id, itemId: items[0].id, draft: comparison('same_strong') }
    await expect(compareCandidate(ctx, eva, compare)).rejects.toMatchObject({ code: 'analysis_unfinished' })
    await expect(showSearch(ctx, eva, { id: searchId })).rejects.toMatchObject({
      code: 'analysis_unfinished',
    })
    await analyseProbe(ctx, eva, { id: examination.id, analysis: suitable, finish: true })
    await compareCandidate(ctx, eva, compare)
    expect((await showSearch(ctx, eva, { id: searchId })).candidates).toHaveLength(1)
    const again = analyseProbe(ctx, eva, { id: examination.id, analysis: suitable, finish: true })
    await expect(again).rejects.toMatchObject({ code: 'conflict' })
  })

  test('is refused while it is incomplete, and kept as a draft', async () => {
    const { ctx, eva, id } = await leadBureau()
    const { examination, items } = await beginExamination(ctx, eva, { identificationId: id })
    await analyseProbe(ctx, eva, { id: examination.id, analysis: suitable, finish: true })
    const draft = comparison('same_moderate')
    const unmarked = draft.checklist.map((entry) => ({ ...entry, comparedRegion: null }))
    for (const incomplete of [
      { ...draft, conclusion: null },
      { ...draft, checklist: draft.checklist.slice(1) },
      { ...draft, checklist: unmarked },
      { ...draft, evaluation: '' },
    ]) {
      const input = { id: examination.id, itemId: items[0].id, draft: incomplete }
      await compareCandidate(ctx, eva, input)
      await expect(finishExamination(ctx, eva, { id: examination.id })).rejects.toMatchObject({
        code: 'examination_incomplete',
      })
    }
    await compareCandidate(ctx, eva, { id: examination.id, itemId: items[0].id, draft })
    await finishExamination(ctx, eva, { id: examination.id })
  })

  test('of an unsuitable probe can only conclude that', async () => {
    const made = await leadBureau()
    const { ctx, eva, id } = made
    const { examination, items } = await beginExamination(ctx, eva, { identificationId: id })
    const analysis = { isSuitable: false, limits: ['blurred' as const], note: 'No feature is seen.' }
    await analyseProbe(ctx, eva, { id: examination.id, analysis, finish: true })
    const write = (conclusion: Conclusion) =>
      compareCandidate(ctx, eva, {
        id: examination.id,
        itemId: items[0].id,
        draft: { checklist: [], evaluation: '', conclusion },
      })
    await write('same_strong')
    await expect(finishExamination(ctx, eva, { id: examination.id })).rejects.toMatchObject({
      code: 'examination_incomplete',
    })
    await write('not_suitable')
    await finishExamination(ctx, eva, { id: examination.id })
    expect(await stateOf(made)).toBe('inconclusive')
  })

  test('that is finished never changes, whoever writes; another one supersedes it', async () => {
    const made = await leadBureau()
    const { ctx, eva, vera, id } = made
    const first = await examine(made, 'different_moderate')
    expect(await stateOf(made)).toBe('rejected')
    const { db } = ctx.store
    await expect(db.updateTable('examination').set({ analysis: '{}' }).execute()).rejects.toThrow(
      'never change',
    )
    await expect(
      db.updateTable('examination_item').set({ conclusion: 'same_strong' }).execute(),
    ).rejects.toThrow('never change')
    await expect(db.deleteFrom('examination_item').execute()).rejects.toThrow('kept')
    await expect(beginExamination(ctx, vera, { identificationId: id })).rejects.toMatchObject({
      code: 'conflict',
    })
    await examine(made, 'same_moderate')
    const shown = await showIdentification(ctx, eva, { id })
    expect(shown.examinations[1].examination.supersedes_id).toBe(first)
    expect(shown.identification.state).toBe('lead')
    expect(shown.verifications).toMatchObject([{ state: 'waiting', round: 2 }])
  })

  test('can be given up for somebody else', async () => {
    const { ctx, eva, vera, sofia, id } = await leadBureau()
    const { examination } = await beginExamination(ctx, eva, { identificationId: id })
    await expect(abandonExamination(ctx, vera, { id: examination.id })).rejects.toMatchObject({
      code: 'not_allowed',
    })
    await abandonExamination(ctx, sofia, { id: examination.id })
    await beginExamination(ctx, vera, { identificationId: id })
  })
})

describe('a line-up', () => {
  test('has six faces in an order that follows from its seed, and keeps the case away from its verifier', async () => {
    const made = await leadBureau()
    const { ctx, vera, caseId, searchId, faces } = made
    await examine(made, 'same_strong')
    const lineupId = (await takeLineup(ctx, vera))!
    const { work, verification } = await showLineup(ctx, vera, { id: lineupId })
    expect(work.items.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6])
    expect(work.items.filter(({ role }) => role === 'candidate')).toMatchObject([{ face_id: faces[0] }])
    expect(new Set(work.items.map(({ face_id }) => face_id)).size).toBe(6)
    expect(verification.seed).toMatch(/^[0-9a-f]{64}$/)
    await expect(showCase(ctx, vera, { id: caseId })).rejects.toMatchObject({ code: 'not_found' })
    await expect(showSearch(ctx, vera, { id: searchId })).rejects.toMatchObject({ code: 'not_found' })
    await verify(made, vera, lineupId, 'same_limited')
    expect((await showCase(ctx, vera, { id: caseId })).id).toBe(caseId)
    expect(await stateOf(made)).toBe('corroborated')
  })

  test('puts the candidate anywhere', async () => {
    const places = new Set<number>()
    const made = await leadBureau()
    const { ctx, vera, theo } = made
    await examine(made, 'same_strong')
    // Each that is given back makes another one; verifiers take turns, since nobody gets a second look.
    for (let round = 0; places.size < 2 && round < 12; round++) {
      const verifier = await madeUpAccount(ctx.store, vera.agencyId!, `V${round}`, ['examiner'])
      const id = (await takeLineup(ctx, verifier))!
      const { work } = await showLineup(ctx, verifier, { id })
      places.add(work.items.find(({ role }) => role === 'candidate')!.position)
      await returnLineup(ctx, verifier, { id, reason: 'test' })
      expect(await takeLineup(ctx, verifier)).toBeUndefined()
    }
    expect(places.size).toBeGreaterThan(1)
    expect(await takeLineup(ctx, theo)).toBeDefined()
  })

  test('has no face that may be of the same person', async () => {
    const made = await leadBureau('find_missing_person', 12)
    const { ctx, eva, vera, faces } = made
    const who = await person(made)
    for (const faceId of [faces[0], faces[3], faces[4]]) {
      await linkFace(ctx, eva, { id: who, faceId, link: 'same' })
    }
    await examine(made, 'same_strong')
    const id = (await takeLineup(ctx, vera))!
    const { work, verification } = await showLineup(ctx, vera, { id })
    const shown = work.items.map(({ face_id }) => face_id)
    expect(shown).not.toContain(faces[3])
    expect(shown).not.toContain(faces[4])
    const { ceiling, faces: recorded } = JSON.parse(verification.lineup!) as Lineup
    const fillers = recorded.filter(({ role }) => role === 'filler')
    for (const { similarity } of fillers) expect(similarity).toBeLessThan(ceiling)
  })

  test('is not made of fewer faces', async () => {
    const made = await leadBureau('find_missing_person', 5)
    await examine(made, 'same_strong')
    await expect(takeLineup(made.ctx, made.vera)).rejects.toMatchObject({ code: 'too_few_fillers' })
  })

  test('is not for who examined it, saw its candidates or assigns it', async () => {
    const made = await leadBureau()
    const { ctx, eva, vera, theo, sofia, searchId } = made
    await examine(made, 'same_strong')
    expect(await takeLineup(ctx, eva)).toBeUndefined()
    await showSearch(ctx, vera, { id: searchId })
    expect(await takeLineup(ctx, vera)).toBeUndefined()
    const [{ id }] = await ctx.store.db.selectFrom('verification').select('id').execute()
    const give = (accountId: string) => assignLineup(ctx, sofia, { verificationId: id, accountId })
    for (const { accountId } of [eva, vera, sofia]) {
      await expect(give(accountId)).rejects.toMatchObject({ code: 'not_eligible' })
    }
    // Whoever was suspended, whose agency was, or who is no examiner any more, is not there to be asked.
    const operator = localOperator('test')
    const names = async () => (await listEligible(ctx, sofia, { id })).map(({ accountId }) => accountId)
    expect(await names()).toContain(theo.accountId)
    const agencyId = theo.agencyId!
    for (const target of [
      { kind: 'account' as const, id: theo.accountId },
      { kind: 'agency' as const, id: agencyId },
    ]) {
      const suspension = await suspend(ctx, operator, { ...target, reason: 'test' })
      expect(await names()).not.toContain(theo.accountId)
      await expect(give(theo.accountId)).rejects.toMatchObject({ code: 'not_eligible' })
      await liftSuspension(ctx, operator, { id: suspension.id, reason: 'test' })
    }
    await changeRoles(ctx, operator, { accountId: theo.accountId, roles: ['curator'] })
    expect(await names()).not.toContain(theo.accountId)
    await changeRoles(ctx, operator, { accountId: theo.accountId, roles: ['examiner'] })
    // Asked for by one person; it takes a second one.
    expect(await names()).not.toContain(theo.accountId)
    const [request] = await listRoleRequests(ctx, sofia)
    await settleRoleRequest(ctx, sofia, { id: request.id, outcome: 'confirmed' })
    await give(theo.accountId)
    expect((await showLineup(ctx, theo, { id })).verification.assigned_by).toBe('Sofia')
  })

  test('keeps the first conclusion in place while it is examined', async () => {
    const made = await leadBureau()
    await examine(made, 'same_strong')
    await takeLineup(made.ctx, made.vera)
    const begin = beginExamination(made.ctx, made.eva, { identificationId: made.id })
    await expect(begin).rejects.toMatchObject({ code: 'conflict' })
  })

  test('with a filler chosen counts as an error of the method, and goes to a third examiner', async () => {
    const made = await leadBureau()
    const { ctx, vera, theo, sofia, id } = made
    await examine(made, 'same_strong')
    await verify(made, vera, (await takeLineup(ctx, vera))!, 'same_moderate', 'same_limited')
    const errors = await methodErrors(ctx.store.db, vera.agencyId)
    expect(errors).toMatchObject({
      lineups: 1,
      concordant: 0,
      fillerChosen: { count: 1, of: 1 },
      perFiller: { count: 1, of: 5, rate: 0.2 },
    })
    expect(await showIdentification(ctx, sofia, { id })).toMatchObject({
      identification: { state: 'lead' },
      needsSupervisor: true,
    })
    expect(await takeLineup(ctx, theo)).toBeUndefined()
    await askThirdExaminer(ctx, sofia, { id })
    await expect(askThirdExaminer(ctx, sofia, { id })).rejects.toMatchObject({ code: 'conflict' })
    await verify(made, theo, (await takeLineup(ctx, theo))!, 'same_moderate')
    expect(await stateOf(made)).toBe('corroborated')
  })

  test('in which both verifiers find somebody else rejects the lead', async () => {
    const made = await leadBureau()
    const { ctx, vera, theo, sofia, id } = made
    await examine(made, 'same_strong')
    await verify(made, vera, (await takeLineup(ctx, vera))!, 'different_limited')
    await askThirdExaminer(ctx, sofia, { id })
    await verify(made, theo, (await takeLineup(ctx, theo))!, 'different_moderate')
    expect(await stateOf(made)).toBe('rejected')
  })
})
