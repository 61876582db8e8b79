import { readFileSync } from 'node:fs'
import type { Context } from '../../src/context.ts'
import { FACIAL_FEATURES, type Conclusion } from '../../src/contract/examination-words.ts'
import { groupPhoto, portrait } from '../sample-photos.ts'
import type { Colleague, Crew } from './practice-people.ts'

const LEGAL_BASIS = 'Practice: made up'
/** The fair-haired person at the right of the first group photo. */
const FAIR_HAIRED = 2

/** Opens a case and searches with one face of a photo. @returns the search's id */
async function searchIn(
  { client }: Colleague,
  { number, title, photo, face }: { number: string; title: string; photo: string; face: number },
): Promise<string> {
  const { id } = await client.call('createCase', {
    body: { number, title, purpose: 'find_missing_person', legalBasis: LEGAL_BASIS },
  })
  const probe = await client.call('addProbe', {
    params: { id },
    query: { label: 'From the family' },
    body: readFileSync(photo),
  })
  const search = await client.call('searchInCase', {
    params: { id },
    body: { faces: [probe.faces[face].id], limit: 20, threshold: 0.05 },
  })
  return search.id
}

async function takeAsLead({ client }: Colleague, searchId: string): Promise<string> {
  return (await client.call('openIdentification', { params: { id: searchId, rank: 1 }, body: {} })).id
}

/** Four cases, one at each stage: searched, a lead, waiting for blind verification, signed. */
export async function openCases(ctx: Context, crew: Crew): Promise<void> {
  const { examiner } = crew
  const signed = await searchIn(examiner, {
    number: '2022/004',
    title: 'Woman seen at the railway station',
    photo: groupPhoto(1),
    face: FAIR_HAIRED,
  })
  await signCase(ctx, crew, await takeAsLead(examiner, signed))
  const verified = await searchIn(examiner, {
    number: '2022/003',
    title: 'Driver of the second lorry',
    photo: portrait('sean_guru2_crop.jpg'),
    face: 0,
  })
  await examineFirst(examiner, await takeAsLead(examiner, verified))
  const lead = await searchIn(examiner, {
    number: '2022/002',
    title: 'Man without papers',
    photo: portrait('cage2_crop.jpg'),
    face: 0,
  })
  const { id: draft } = await examiner.client.call('beginExamination', {
    params: { id: await takeAsLead(examiner, lead) },
    body: {},
  })
  await examiner.client.call('writeAnalysis', { params: { id: draft }, body: ANALYSED })
  await searchIn(examiner, {
    number: '2022/001',
    title: 'Woman asked for by her sister',
    photo: portrait('audrey_crop.jpg'),
    face: 0,
  })
}

const ANALYSED = {
  analysis: {
    isSuitable: true,
    limits: ['compressed' as const],
    note: 'Face from the front, eyes open, even light.',
  },
  finish: true,
}

/** Where a feature was marked in a picture of a face, as shares of its sides. */
function regionOf(at: number): { x: number; y: number; width: number; height: number } {
  return { x: 0.3 + (at % 3) * 0.12, y: 0.25 + Math.floor(at / 3) * 0.13, width: 0.11, height: 0.09 }
}

function compared(conclusion: Conclusion) {
  const different = conclusion.startsWith('different_')
  const finding = different ? ('different' as const) : ('similar' as const)
  return {
    checklist: FACIAL_FEATURES.map((feature, at) => {
      const isHidden = feature === 'ears'
      const region = isHidden ? null : regionOf(at)
      return {
        feature,
        finding: isHidden ? ('cannot_be_judged' as const) : finding,
        note: '',
        probeRegion: region,
        comparedRegion: region,
      }
    }),
    evaluation: different
      ? 'Nose, brows and chin differ beyond what light and expression explain.'
      : 'Features agree; what differs is expression and light.',
    conclusion,
  }
}

async function examineFirst({ client }: Colleague, identificationId: string): Promise<void> {
  const { id } = await client.call('beginExamination', { params: { id: identificationId }, body: {} })
  const { items } = await client.call('writeAnalysis', { params: { id }, body: ANALYSED })
  const params = { id, itemId: items![0].id }
  await client.call('writeComparison', { params, body: compared('same_strong') })
  await client.call('finishExamination', { params: { id }, body: {} })
}

/** From the first examination to the signature, each step by whoever may do it. */
async function signCase(ctx: Context, crew: Crew, id: string): Promise<void> {
  const { examiner, verifier, supervisor } = crew
  await examineFirst(examiner, id)
  await verifyBlind(ctx, verifier)
  const { id: personId } = await examiner.client.call('createPerson', {
    body: {
      status: 'missing',
      ref: 'P-2022/31',
      birthDate: '1987-03',
      names: [
        { kind: 'main', family: 'Мельниченко', given: 'Катерина', patronymic: 'Іванівна' },
        { kind: 'spelling', family: 'Melnychenko', given: 'Kateryna' },
      ],
    },
  })
  await examiner.client.call('namePerson', { params: { id }, body: { personId } })
  await examiner.client.call('addEvidence', {
    params: { id },
    body: { kind: 'document', description: 'Passport shown at the border on 4 April', reference: 'FB 331' },
  })
  await supervisor.client.call('signIdentification', {
    params: { id },
    body: { statement: 'On both examinations and the passport.' },
  })
}

/** Which face is the candidate's is read from the record: the verifier cannot see it. */
async function verifyBlind(ctx: Context, { client }: Colleague): Promise<void> {
  const { lineup } = await client.call('takeLineup', { body: {} })
  const { id } = lineup!
  const { items } = await client.call('writeLineupAnalysis', { params: { id }, body: ANALYSED })
  const candidate = await ctx.store.db
    .selectFrom('examination_item')
    .innerJoin('examination', 'examination.id', 'examination_item.examination_id')
    .select('examination_item.id')
    .where('examination.verification_id', '=', id)
    .where('role', '=', 'candidate')
    .executeTakeFirstOrThrow()
  for (const item of items!) {
    const body = compared(item.id === candidate.id ? 'same_moderate' : 'different_strong')
    await client.call('writeLineupComparison', { params: { id, itemId: item.id }, body })
  }
  await client.call('finishLineup', { params: { id }, body: {} })
}
