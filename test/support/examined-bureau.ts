import { readFileSync } from 'node:fs'
import { groupPhoto, sampleFolder } from '../../scripts/sample-photos.ts'
import { localOperator } from '../../src/actor/actor.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import type { CasePurpose } from '../../src/contract/case-purposes.ts'
import { FACIAL_FEATURES, type Conclusion } from '../../src/contract/examination-words.ts'
import type { Role } from '../../src/contract/roles.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from './test-service.ts'

/** The fair-haired person at the right of sample1 is in others of the group photos too. */
const PROBE_FACE = 2

/** A service with an agency whose people have searched the sample photos and taken the first candidate as a lead. */
export interface ExaminedBureau {
  service: TestService
  operator: TestAccount
  agencyId: string
  collectionId: string
  examiner: TestAccount
  supervisor: TestAccount
  caseId: string
  searchId: string
  identificationId: string
  /** Somebody of the agency who works on the case. */
  member(name: string, roles: Role[]): Promise<TestAccount>
}

/** Starts it, with real photos and models. @param sensitivity of the collection @param settings of the service */
export async function startExaminedBureau(
  sensitivity: 'ordinary' | 'sensitive' = 'ordinary',
  purpose: CasePurpose = 'find_missing_person',
  settings: Record<string, unknown> = {},
): Promise<ExaminedBureau> {
  const service = await startTestService(settings)
  const operator = await setUp(service)
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  const curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  const examiner = await newAccount(operator, agencyId, 'Eva Examiner', ['examiner'])
  const supervisor = await newAccount(operator, agencyId, 'Sofia Supervisor', ['supervisor'])
  const { id: collectionId } = await curator.client.call('createCollection', {
    body: { title: 'Group photos of the brigade', lawfulBasis: 'test', sensitivity },
  })
  // A line-up needs other people's photos beside those of the group.
  for (const set of ['groups', 'portraits'] as const) {
    const { id: importId } = await startImport(service.ctx, localOperator('importer'), {
      source: sampleFolder(set),
      collection: collectionId,
    })
    await listItems(service.ctx, importId, () => undefined)
    await runImport(service.ctx, localOperator('importer'), { importId })
  }
  const { id: caseId } = await examiner.client.call('createCase', {
    body: { number: 'K-2022/77', title: 'The person at the right', purpose, legalBasis: 'Order 12' },
  })
  const probe = await examiner.client.call('addProbe', {
    params: { id: caseId },
    query: { label: 'від родини' },
    body: readFileSync(groupPhoto(1)),
  })
  const search = await examiner.client.call('searchInCase', {
    params: { id: caseId },
    body: { faces: [probe.faces[PROBE_FACE].id] },
  })
  const { id: identificationId } = await examiner.client.call('openIdentification', {
    params: { id: search.id, rank: 1 },
    body: {},
  })
  return {
    service,
    operator,
    agencyId,
    collectionId,
    examiner,
    supervisor,
    caseId,
    searchId: search.id,
    identificationId,
    async member(name, roles) {
      const account = await newAccount(operator, agencyId, name, roles)
      await examiner.client.call('addToCase', {
        params: { id: caseId },
        body: { accountId: account.accountId },
      })
      return account
    },
  }
}

const note = 'Обличчя видно прямо, очі відкриті; освітлення рівне.'
export const analysed = {
  analysis: { isSuitable: true, limits: ['compressed' as const], note },
  finish: true,
}

/** A whole comparison, with the regions where features are on a face in the examination's frame. */
export function compared(conclusion: Conclusion) {
  const different = conclusion.startsWith('different_')
  return {
    checklist: FACIAL_FEATURES.map((feature, at) => {
      const region = {
        x: 0.3 + (at % 3) * 0.12,
        y: 0.25 + Math.floor(at / 3) * 0.13,
        width: 0.11,
        height: 0.09,
      }
      return {
        feature,
        finding:
          feature === 'ears'
            ? ('cannot_be_judged' as const)
            : different
              ? ('different' as const)
              : ('similar' as const),
        note: feature === 'nose' ? 'Спинка пряма, кінчик округлий — the same in both pictures.' : '',
        probeRegion: feature === 'ears' ? null : region,
        comparedRegion: feature === 'ears' ? null : region,
      }
    }),
    evaluation: 'Ознаки узгоджуються; differences are those of expression and light.',
    conclusion,
  }
}

/** The first examination, from beginning to end. */
export async function examineLead(
  { client }: Pick<TestAccount, 'client'>,
  identificationId: string,
  conclusion: Conclusion,
): Promise<string> {
  const { id } = await client.call('beginExamination', { params: { id: identificationId }, body: {} })
  const { items } = await client.call('writeAnalysis', { params: { id }, body: analysed })
  await client.call('writeComparison', { params: { id, itemId: items![0].id }, body: compared(conclusion) })
  await client.call('finishExamination', { params: { id }, body: {} })
  return id
}

/**
 * A line-up from beginning to end: the same person for the face that the record knows as the candidate's, other people
 * for all others. The place is read from the record: the verifier cannot see it.
 */
export async function examineLineup(
  bureau: ExaminedBureau,
  { client }: TestAccount,
  conclusion: Conclusion,
): Promise<string> {
  const { lineup } = await client.call('takeLineup', { body: {} })
  const { id } = lineup!
  const { items } = await client.call('writeLineupAnalysis', { params: { id }, body: analysed })
  const candidate = await bureau.service.ctx.store.db
    .selectFrom('examination_item')
    .innerJoin('examination', 'examination.id', 'examination_item.examination_id')
    .select('examination_item.id')
    .where('examination.verification_id', '=', id)
    .where('role', '=', 'candidate')
    .executeTakeFirstOrThrow()
  for (const item of items!) {
    const body = compared(item.id === candidate.id ? conclusion : 'different_strong')
    await client.call('writeLineupComparison', { params: { id, itemId: item.id }, body })
  }
  await client.call('finishLineup', { params: { id }, body: {} })
  return id
}
