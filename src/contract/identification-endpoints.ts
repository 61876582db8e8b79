import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { analysis, CONCLUSIONS, checklist } from './examination-words.ts'
import {
  CLOSENESS_KINDS,
  EVIDENCE_KINDS,
  GATE_STEPS,
  IDENTIFICATION_STATES,
  RECIPIENT_KINDS,
  UNBLINDING_RELATIONS,
  VERIFICATION_OUTCOMES,
} from './identification-words.ts'
import { id, idParams, line, page, pageQuery, text, time } from './values.ts'

const tag = 'Identification'
const MAX_RANK = 500
const state = z.enum(IDENTIFICATION_STATES)
const conclusion = z.enum(CONCLUSIONS)
const evidenceKind = z.enum(EVIDENCE_KINDS)
const verificationState = z.enum(['waiting', 'taken', 'finished', 'cancelled'])

export const told = z.object({
  by: z.enum(['report', 'transmittal']),
  id,
  recipientKind: z.enum(RECIPIENT_KINDS),
  recipient: z.string(),
  at: time,
  givenBy: z.string(),
  receivedBy: z.string().nullable(),
})

const facts = z.object({
  id,
  caseId: id,
  searchId: id,
  rank: z.int(),
  probeFaceId: id,
  faceId: id,
  mediaId: id,
  personId: id.nullable(),
  concernsDead: z.boolean().describe('A primary identifier is needed'),
  state,
  openedBy: z.string(),
  openedAt: time,
})

const examinationRecord = z.object({
  id,
  verificationId: id.nullable().describe('null: a first examination'),
  examiner: z.string(),
  isOwn: z.boolean(),
  begunAt: time,
  supersedesId: id.nullable(),
  analysis: analysis.nullable(),
  analysisFinishedAt: time.nullable(),
  finishedAt: time.nullable(),
  abandonedAt: time.nullable(),
  items: z.array(
    z.object({
      id,
      position: z.int(),
      role: z.enum(['candidate', 'filler']),
      checklist,
      evaluation: z.string(),
      conclusion: conclusion.nullable(),
    }),
  ),
})

const verification = z.object({
  id,
  round: z.union([z.literal(2), z.literal(3)]).describe('2: the second examiner; 3: the third'),
  state: verificationState,
  verifier: z.string().nullable(),
  assignedBy: z.string().nullable().describe('null: taken from the queue'),
  askedAt: time,
  askedBy: z.string(),
  takenAt: time.nullable(),
  finishedAt: time.nullable(),
  outcome: z.enum(VERIFICATION_OUTCOMES).nullable(),
  conclusion: conclusion.nullable().describe('On the candidate'),
  fillersChosen: z.int().nullable(),
  cancelReason: z.string().nullable(),
})

const decision = z.object({ what: z.enum(['examination', 'verification', 'signature']), by: z.string() })
const unblindings = z
  .array(
    z.object({
      at: time,
      by: z.string(),
      relation: z.enum(UNBLINDING_RELATIONS).describe('What ties who did it to the verifier'),
      means: z.enum(['sha256', 'perceptual_hash']).describe('By what the picture was recognised'),
      position: z.int().describe('0: the probe; otherwise the place in the line-up'),
      operation: z.string().describe('What it was brought to'),
    }),
  )
  .describe('Pictures of the line-up that came back to be compared while it was open: it is void')

const identification = facts
  .extend({
    personNames: z.array(z.string()),
    missing: z.array(z.enum(GATE_STEPS)).describe('Before a supervisor can sign; empty: nothing'),
    needsSupervisor: z.boolean().describe('Verifiers disagree: a third examiner, or an end'),
    closeness: z
      .array(z.object({ kind: z.enum(CLOSENESS_KINDS), first: decision, second: decision, minutes: z.int() }))
      .nullable()
      .describe('Decisions that look as if one person had made both; null for who does not sign'),
    examinations: z
      .array(examinationRecord)
      .describe("First examinations and verifiers', oldest first; drafts of others empty"),
    verifications: z.array(verification.extend({ unblindings })),
    evidence: z.array(
      z.object({
        id,
        kind: evidenceKind,
        description: z.string(),
        reference: z.string().nullable(),
        laboratory: z.string().nullable(),
        recordedBy: z.string(),
        recordedAt: time,
        retractedBy: z.string().nullable(),
        retractedAt: time.nullable(),
        retractReason: z.string().nullable(),
      }),
    ),
    closed: z
      .object({ as: z.enum(['rejected', 'inconclusive']), by: z.string(), at: time, reason: z.string() })
      .nullable(),
    signed: z.object({ by: z.string(), at: time, statement: z.string() }).nullable(),
    withdrawn: z.object({ by: z.string(), at: time, reason: z.string(), told: z.array(told) }).nullable(),
    told: z.array(told).describe('Everyone who was given something of it'),
    timeline: z.array(
      z.object({
        at: time,
        kind: z.string().describe('opened, examination_finished, verification_taken, signed, …'),
        by: z.string(),
        about: id.nullable(),
        what: z.string().nullable(),
      }),
    ),
    earlier: z
      .array(z.object({ id, caseId: id, state, openedAt: time }))
      .describe('Others of the same probe photo and face'),
  })
  .meta({ id: 'Identification' })

/** Leads and what becomes of them. */
export const identificationEndpoints = defineEndpoints({
  openIdentification: {
    method: 'POST',
    path: '/searches/:id/candidates/:rank/identification',
    access: 'identification.open',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: 'Take a candidate as a lead',
    params: z.object({ id, rank: z.coerce.number().int().min(1).max(MAX_RANK) }),
    body: z.object({ probeFaceId: id.optional().describe('Of a search with several; default the first') }),
    reply: identification,
    status: 201,
    idempotent: true,
  },
  listIdentifications: {
    method: 'GET',
    path: '/cases/:id/identifications',
    access: 'identification.read',
    boundKeys: true,
    tag,
    summary: 'Leads and identifications of a case, newest first; the look is written down',
    params: idParams,
    query: pageQuery.extend({ state: state.optional() }),
    reply: page(facts),
  },
  listLeads: {
    method: 'GET',
    path: '/identifications',
    access: 'identification.read',
    tag,
    summary:
      'Leads and identifications of all cases the account works on, newest first; the look is written down',
    query: pageQuery.extend({
      state: state.optional(),
      scope: z
        .enum(['own', 'all'])
        .default('own')
        .describe(
          'own: opened or examined by the account; whoever looks at all can verify none of them blind any more',
        ),
    }),
    reply: page(
      facts.extend({
        caseNumber: z.string(),
        caseTitle: z.string(),
        missing: z.array(z.enum(GATE_STEPS)).describe('Before a supervisor can sign'),
        needsSupervisor: z.boolean().describe('Verifiers disagree'),
      }),
    ),
  },
  showIdentification: {
    method: 'GET',
    path: '/identifications/:id',
    access: 'identification.read',
    boundKeys: true,
    tag,
    summary: 'All that stands about one, with its timeline; the look is written down',
    params: idParams,
    reply: identification,
  },
  namePerson: {
    method: 'PUT',
    path: '/identifications/:id/person',
    access: 'corroboration.change',
    tag,
    summary: 'Name the person that it would be an identification of',
    params: idParams,
    body: z.object({ personId: id }),
    reply: identification,
  },
  addEvidence: {
    method: 'POST',
    path: '/identifications/:id/evidence',
    access: 'corroboration.change',
    tag,
    summary: 'Record what else than a face speaks for it; primary identifiers with laboratory and reference',
    params: idParams,
    body: z.object({
      kind: evidenceKind,
      description: text,
      reference: line.optional(),
      laboratory: line.optional(),
    }),
    reply: identification,
    status: 201,
  },
  retractEvidence: {
    method: 'POST',
    path: '/identifications/:id/evidence/:entryId/retraction',
    access: 'corroboration.change',
    tag,
    summary: 'Take an entry back; it stays to be seen, and counts no more',
    params: idParams.extend({ entryId: id }),
    body: z.object({ reason: text }),
    reply: identification,
  },
  askThirdExaminer: {
    method: 'POST',
    path: '/identifications/:id/third-examiner',
    access: 'lineup.assign',
    tag,
    summary: 'After a conflict: ask a third examiner, blind as the second',
    params: idParams,
    body: z.object({}),
    reply: identification,
  },
  signIdentification: {
    method: 'POST',
    path: '/identifications/:id/signature',
    access: 'identification.sign',
    tag,
    summary: 'Sign a corroborated lead as an identification; never by one of its examiners',
    params: idParams,
    body: z.object({ statement: text }),
    reply: identification,
  },
  closeIdentification: {
    method: 'POST',
    path: '/identifications/:id/closure',
    access: 'identification.sign',
    tag,
    summary: 'End work on a lead without an identification',
    params: idParams,
    body: z.object({ as: z.enum(['rejected', 'inconclusive']), reason: text }),
    reply: identification,
  },
  withdrawIdentification: {
    method: 'POST',
    path: '/identifications/:id/withdrawal',
    access: 'identification.sign',
    tag,
    summary: 'Withdraw it; the reply names everyone who was told',
    params: idParams,
    body: z.object({ reason: text }),
    reply: identification,
  },
  listVerifications: {
    method: 'GET',
    path: '/verifications',
    access: 'lineup.assign',
    tag,
    summary: 'Blind verifications of the agency, longest waiting first, without what they are about',
    query: pageQuery.extend({ state: verificationState.optional() }),
    reply: page(verification.extend({ caseId: id, caseNumber: z.string() })),
  },
  listEligibleVerifiers: {
    method: 'GET',
    path: '/verifications/:id/eligible',
    access: 'lineup.assign',
    tag,
    summary: 'Examiners who can be blind for a waiting verification',
    params: idParams,
    reply: z.array(z.object({ accountId: id, name: z.string() })),
  },
  assignVerification: {
    method: 'PUT',
    path: '/verifications/:id/verifier',
    access: 'lineup.assign',
    tag,
    summary: 'Give a waiting verification to an examiner who can be blind',
    params: idParams,
    body: z.object({ accountId: id }),
  },
  recallVerification: {
    method: 'POST',
    path: '/verifications/:id/recall',
    access: 'lineup.assign',
    tag,
    summary: 'Take a verification back from its verifier; it waits again for somebody else',
    params: idParams,
    body: z.object({ reason: text }),
  },
})
