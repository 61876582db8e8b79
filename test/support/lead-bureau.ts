import { onTestFinished } from 'vitest'
import { enrol, storeWithCollection, testPhoto } from './enrolled-record.ts'
import { agencyOfRecord, madeUpAccount } from './made-up-accounts.ts'
import { comparison, madeUpContext, madeUpSearch, suitable } from './made-up-lead.ts'
import type { AccountActor } from '../../src/actor/actor.ts'
import type { CasePurpose } from '../../src/contract/case-purposes.ts'
import type { Conclusion } from '../../src/contract/examination-words.ts'
import type { Context } from '../../src/context.ts'
import { openIdentification } from '../../src/identification/open-identification.ts'
import { showIdentification } from '../../src/identification/show-identification.ts'
import { createPerson } from '../../src/people/save-person.ts'
import { NOTHING_OF_A_PERSON } from './nothing-of-a-person.ts'
import {
  analyseProbe,
  beginExamination,
  compareCandidate,
  finishExamination,
} from '../../src/examination/examine-candidate.ts'
import {
  analyseLineupProbe,
  compareInLineup,
  finishLineup,
  showLineup,
} from '../../src/examination/examine-lineup.ts'

export interface Bureau {
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
export async function leadBureau(purpose?: CasePurpose, strangers = 9): Promise<Bureau> {
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

export async function examine({ ctx, eva, id }: Bureau, conclusion: Conclusion): Promise<string> {
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
export async function verify(
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

export async function stateOf({ ctx, sofia, id }: Bureau) {
  return (await showIdentification(ctx, sofia, { id })).identification.state
}

export async function person({ ctx, eva }: Bureau, status: 'missing' | 'dead' = 'missing'): Promise<string> {
  return (await createPerson(ctx, eva, { ...NOTHING_OF_A_PERSON, status })).person.id
}

export const document = {
  kind: 'document' as const,
  description: 'Passport found with the subject.',
  reference: undefined,
  laboratory: undefined,
}
