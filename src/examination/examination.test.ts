import { describe, expect, onTestFinished, test } from 'vitest'
import { enrol, storeWithCollection, testPhoto } from '../../test/support/enrolled-record.ts'
import { agencyOfRecord, madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { comparison, madeUpContext, madeUpSearch, suitable } from '../../test/support/made-up-lead.ts'
import type { AccountActor } from '../access/actor.ts'
import { showCase } from '../cases/show-case.ts'
import { showSearch } from '../cases/show-search.ts'
import type { CasePurpose } from '../contract/case-purposes.ts'
import type { Conclusion } from '../contract/examination-words.ts'
import type { Context } from '../context.ts'
import {
  closeIdentification,
  namePerson,
  signIdentification,
  withdrawIdentification,
} from '../identification/change-identification.ts'
import { corroborate, retractCorroboration } from '../identification/corroborate.ts'
import { openIdentification } from '../identification/open-identification.ts'
import { askThirdExaminer } from '../identification/open-verification.ts'
import { showIdentification } from '../identification/show-identification.ts'
import { transmit } from '../identification/transmit.ts'
import { linkFace } from '../people/link-face.ts'
import { createPerson } from '../people/save-person.ts'
import type { Lineup } from './choose-fillers.ts'
import {
  abandonExamination,
  analyseProbe,
  beginExamination,
  compareCandidate,
  finishExamination,
} from './examine-candidate.ts'
import { analyseLineupProbe, compareInLineup, finishLineup, showLineup } from './examine-lineup.ts'
import { methodErrors, wilson } from './measured-error.ts'
import { assignLineup, returnLineup, takeLineup } from './take-lineup.ts'

interface Bureau {
  ctx: Context
  eva: AccountActor
  vera: AccountActor
  theo: AccountActor
  sofia: AccountActor
  faces: string[]
  id: string
  searchId: string
  caseId: string
}

/** A bureau with enrolled strangers, and a lead on the first of them. */
async function bureau(purpose?: CasePurpose, strangers = 9): Promise<Bureau> {
  const store = await storeWithCollection()
  const ctx = madeUpContext(store)
  onTestFinished(() => ctx.index.close())
  await enrol(
    store,
    Array.from({ length: strangers }, (_, at) => testPhoto(`${at}.jpg`)),
  )
  const rows = await store.db.selectFrom('face').select('id').orderBy('id').execute()
  const faces = rows.map(({ id }) => id)
  const agencyId = await agencyOfRecord(store)
  const account = async (name: string, role: 'examiner' | 'supervisor') => {
    const actor = await madeUpAccount(store, agencyId, name, [role])
    return actor
  }
  const [eva, vera, theo] = [
    await account('Eva', 'examiner'),
    await account('Vera', 'examiner'),
    await account('Theo', 'examiner'),
  ]
  const sofia = await account('Sofia', 'supervisor')
  const made = await madeUpSearch(store, eva, [vera, theo], {
    faceId: faces[0],
    ...(purpose === undefined ? {} : { purpose }),
  })
  const { id } = await openIdentification(ctx, eva, {
    searchId: made.searchId,
    rank: 1,
    probeFaceId: undefined,
  })
  return { ctx, eva, vera, theo, sofia, faces, id, ...made }
}

async function examine({ ctx, eva, id }: Bureau, conclusion: Conclusion): Promise<string> {
  const { examination, items } = await beginExamination(ctx, eva, { identificationId: id })
  await analyseProbe(ctx, eva, { id: examination.id, analysis: suitable, finish: true })
  await compareCandidate(ctx, eva, {
    id: examination.id,
    itemId: items[0].id,
    draft: comparison(conclusion),
  })
  await finishExamination(ctx, eva, { id: examination.id })
  return examination.id
}

/** Examines a line-up; the candidate's place is read from the record, which the verifier cannot. */
async function verify(
  { ctx }: Bureau,
  verifier: AccountActor,
  lineupId: string,
  onCandidate: Conclusion,
  onFirstFiller: Conclusion = 'different_strong',
): Promise<void> {
  await analyseLineupProbe(ctx, verifier, { id: lineupId, analysis: suitable, finish: true })
  const { work } = await showLineup(ctx, verifier, { id: lineupId })
  let fillers = 0
  for (const item of work.items) {
    const isCandidate = item.role === 'candidate'
    const conclusion = isCandidate ? onCandidate : fillers++ === 0 ? onFirstFiller : 'different_strong'
    await compareInLineup(ctx, verifier, { id: lineupId, itemId: item.id, draft: comparison(conclusion) })
  }
  await finishLineup(ctx, verifier, { id: lineupId })
}

async function stateOf({ ctx, sofia, id }: Bureau) {
  return (await showIdentification(ctx, sofia, { id })).identification.state
}

async function person({ ctx, eva }: Bureau, status: 'missing' | 'dead' = 'missing'): Promise<string> {
  const nothing = {
    ref: undefined,
    names: undefined,
    birthDate: undefined,
    birthApproximate: undefined,
    affiliation: undefined,
    note: undefined,
    anteMortem: undefined,
    postMortem: undefined,
  }
  return (await createPerson(ctx, eva, { ...nothing, status })).person.id
}

const document = {
  kind: 'document' as const,
  description: 'Passport found with the subject.',
  reference: undefined,
  laboratory: undefined,
}

describe('a first examination', () => {
  test('shows nothing to compare with before the analysis is finished, in the search neither', async () => {
    const made = await bureau()
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
    const { ctx, eva, id } = await bureau()
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
    const made = await bureau()
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
    const made = await bureau()
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
    const { ctx, eva, vera, sofia, id } = await bureau()
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
    const made = await bureau()
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
    const made = await bureau()
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
    const made = await bureau('find_missing_person', 12)
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
    const made = await bureau('find_missing_person', 5)
    await examine(made, 'same_strong')
    await expect(takeLineup(made.ctx, made.vera)).rejects.toMatchObject({ code: 'too_few_fillers' })
  })

  test('is not for who examined it, saw its candidates or assigns it', async () => {
    const made = await bureau()
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
    await give(theo.accountId)
    expect((await showLineup(ctx, theo, { id })).verification.assigned_by).toBe('Sofia')
  })

  test('keeps the first conclusion in place while it is examined', async () => {
    const made = await bureau()
    await examine(made, 'same_strong')
    await takeLineup(made.ctx, made.vera)
    const begin = beginExamination(made.ctx, made.eva, { identificationId: made.id })
    await expect(begin).rejects.toMatchObject({ code: 'conflict' })
  })

  test('with a filler chosen counts as an error of the method, and goes to a third examiner', async () => {
    const made = await bureau()
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
    const made = await bureau()
    const { ctx, vera, theo, sofia, id } = made
    await examine(made, 'same_strong')
    await verify(made, vera, (await takeLineup(ctx, vera))!, 'different_limited')
    await askThirdExaminer(ctx, sofia, { id })
    await verify(made, theo, (await takeLineup(ctx, theo))!, 'different_moderate')
    expect(await stateOf(made)).toBe('rejected')
  })
})

async function corroborated(purpose?: CasePurpose): Promise<Bureau> {
  const made = await bureau(purpose)
  await examine(made, 'same_strong')
  await verify(made, made.vera, (await takeLineup(made.ctx, made.vera))!, 'same_moderate')
  return made
}
const sign = ({ ctx, sofia, id }: Bureau) =>
  signIdentification(ctx, sofia, { id, statement: 'On all that stands here.' })

describe('an identification', () => {
  test('needs evidence beside the face, and a person that it is of', async () => {
    const made = await corroborated()
    const { ctx, eva, id } = made
    await expect(sign(made)).rejects.toMatchObject({ code: 'gate_shut' })
    await corroborate(ctx, eva, { id, ...document })
    await expect(sign(made)).rejects.toMatchObject({ code: 'gate_shut' })
    await namePerson(ctx, eva, { id, personId: await person(made) })
    await sign(made)
    expect(await stateOf(made)).toBe('identified')
    await expect(corroborate(ctx, eva, { id, ...document })).rejects.toMatchObject({ code: 'conflict' })
  })

  test('of the dead needs a primary identifier with laboratory and reference', async () => {
    for (const made of [await corroborated('identify_the_dead'), await corroborated()]) {
      const { ctx, eva, id } = made
      await corroborate(ctx, eva, { id, ...document })
      await namePerson(ctx, eva, { id, personId: await person(made, 'dead') })
      await expect(sign(made)).rejects.toThrow('primary_identifier')
      const dna = { ...document, id, kind: 'dna' as const }
      await expect(corroborate(ctx, eva, dna)).rejects.toMatchObject({ code: 'bad_input' })
      await corroborate(ctx, eva, { ...dna, laboratory: 'Bureau of forensic medicine', reference: 'DNA-7' })
      await sign(made)
      expect(await stateOf(made)).toBe('identified')
    }
  })

  test('does not rest on evidence that was retracted', async () => {
    const made = await corroborated()
    const { ctx, eva, id } = made
    await corroborate(ctx, eva, { id, ...document })
    await namePerson(ctx, eva, { id, personId: await person(made) })
    const { corroborations } = await showIdentification(ctx, eva, { id })
    await retractCorroboration(ctx, eva, { id, entryId: corroborations[0].id, reason: 'a forgery' })
    await expect(sign(made)).rejects.toThrow('corroboration')
  })

  test('cannot be written past the gate, whatever the code does', async () => {
    const { ctx, id } = await corroborated()
    const write = ctx.store.db
      .updateTable('identification')
      .set({ state: 'identified' })
      .where('id', '=', id)
      .execute()
    await expect(write).rejects.toThrow('gate')
  })

  test('that is withdrawn names everyone who was told', async () => {
    const made = await corroborated()
    const { ctx, eva, sofia, id } = made
    await corroborate(ctx, eva, { id, ...document })
    await namePerson(ctx, eva, { id, personId: await person(made) })
    await sign(made)
    await transmit(ctx, sofia, {
      identificationId: id,
      recipientKind: 'national_bureau',
      recipient: 'National Information Bureau',
      reference: undefined,
      reportId: undefined,
      withEvidence: true,
      legalBasis: 'Geneva Convention III, 122',
      note: undefined,
    })
    const told = await withdrawIdentification(ctx, sofia, { id, reason: 'The passport was forged.' })
    expect(told).toMatchObject([{ by: 'transmittal', recipient: 'National Information Bureau' }])
    const shown = await showIdentification(ctx, sofia, { id })
    expect(shown.identification.state).toBe('withdrawn')
    expect(shown.timeline.map(({ kind }) => kind)).toEqual([
      'opened',
      'examination_begun',
      'examination_finished',
      'verification_asked',
      'verification_taken',
      'verification_finished',
      'evidence_recorded',
      'signed',
      'transmitted',
      'withdrawn',
    ])
    await expect(withdrawIdentification(ctx, sofia, { id, reason: 'x' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test('that is closed frees its verifier', async () => {
    const made = await bureau()
    const { ctx, vera, sofia, id, caseId } = made
    await examine(made, 'same_strong')
    const lineup = (await takeLineup(ctx, vera))!
    await closeIdentification(ctx, sofia, { id, as: 'inconclusive', reason: 'The case was handed over.' })
    expect(await stateOf(made)).toBe('inconclusive')
    expect((await showCase(ctx, vera, { id: caseId })).id).toBe(caseId)
    await expect(finishLineup(ctx, vera, { id: lineup })).rejects.toMatchObject({ code: 'conflict' })
  })
})

test('intervals of rates are those of the literature', () => {
  // Newcombe 1998, table I: 81 of 263, and 0 of 20.
  const many = wilson(81, 263)
  expect([many.low, many.high].map((share) => share.toFixed(4))).toEqual(['0.2553', '0.3662'])
  const none = wilson(0, 20)
  expect([none.low, none.high].map((share) => share.toFixed(4))).toEqual(['0.0000', '0.1611'])
})
