import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { analysis, checklist, comparisonDraft, CONCLUSIONS } from './examination-words.ts'
import { reveal } from './picture-shapes.ts'
import { id, idParams, page, pageQuery, text, time } from './values.ts'

const tag = 'Examination'
const SMALLEST_SIDE_PX = 64
const LARGEST_SIDE_PX = 2048

const item = z.object({
  id,
  position: z.int(),
  checklist,
  evaluation: z.string(),
  conclusion: z.enum(CONCLUSIONS).nullable(),
})
const draft = z.object({
  analysis: analysis.nullable(),
  analysisFinished: z.boolean(),
  items: z
    .array(item)
    .nullable()
    .describe('What is compared with the probe; null until the analysis is finished'),
})
const examination = draft
  .extend({
    id,
    identificationId: id,
    caseId: id,
    examiner: z.string(),
    isOwn: z.boolean(),
    begunAt: time,
    supersedesId: id.nullable(),
    finishedAt: time.nullable(),
    abandonedAt: time.nullable(),
    sensitive: z.boolean().describe('Some of its pictures are blurred until revealed'),
  })
  .meta({ id: 'Examination' })

/** All that a blind verifier is told. Nothing may be added here that says where a face comes from. */
const lineup = draft
  .extend({
    id,
    state: z.enum(['taken', 'finished', 'cancelled']),
    takenAt: time,
    finishedAt: time.nullable(),
    sensitive: z.boolean().describe('All pictures are blurred until revealed'),
  })
  .meta({ id: 'Lineup' })

const square = z.object({
  side: z.coerce
    .number()
    .int()
    .min(SMALLEST_SIDE_PX)
    .max(LARGEST_SIDE_PX)
    .default(800)
    .describe('Width and height; regions of checklists are shares of it'),
  reveal,
})
const itemParams = idParams.extend({ itemId: id })
const writeAnalysis = z.object({
  analysis,
  finish: z.boolean().default(false).describe('Final: from then on it never changes'),
})

/** Examinations (ACE-V) and blind line-ups. */
export const examinationEndpoints = defineEndpoints({
  beginExamination: {
    method: 'POST',
    path: '/identifications/:id/examinations',
    access: 'examination.write',
    tag,
    summary: 'Begin the first examination of a lead, or the own one that supersedes it',
    params: idParams,
    body: z.object({}),
    reply: examination,
    status: 201,
    idempotent: true,
  },
  showExamination: {
    method: 'GET',
    path: '/examinations/:id',
    access: 'identification.read',
    tag,
    summary: 'An examination; drafts of others without what was written',
    params: idParams,
    reply: examination,
  },
  writeAnalysis: {
    method: 'PUT',
    path: '/examinations/:id/analysis',
    access: 'examination.write',
    tag,
    summary: 'Keep, or finish, the analysis of the probe alone; the candidate is shown after that',
    params: idParams,
    body: writeAnalysis,
    reply: examination,
  },
  writeComparison: {
    method: 'PUT',
    path: '/examinations/:id/items/:itemId',
    access: 'examination.write',
    tag,
    summary: 'Keep checklist, evaluation and conclusion as a draft',
    params: itemParams,
    body: comparisonDraft,
    reply: examination,
  },
  finishExamination: {
    method: 'POST',
    path: '/examinations/:id/finish',
    access: 'examination.write',
    tag,
    summary: 'Finish: it never changes again, only another one can supersede it',
    params: idParams,
    body: z.object({}),
    reply: examination,
  },
  abandonExamination: {
    method: 'POST',
    path: '/examinations/:id/abandonment',
    access: 'examination.abandon',
    tag,
    summary: 'Give a draft up, so that somebody else can examine the lead; what was written stays',
    params: idParams,
    body: z.object({}),
    reply: examination,
  },
  showExaminationProbe: {
    method: 'GET',
    path: '/examinations/:id/probe/picture',
    access: 'identification.read',
    tag,
    summary: "The probe's face in the frame that regions are drawn in; the look is written down",
    params: idParams,
    query: square,
    stream: 'image/jpeg',
  },
  showExaminationItem: {
    method: 'GET',
    path: '/examinations/:id/items/:itemId/picture',
    access: 'identification.read',
    tag,
    summary: "The candidate's face in that frame, after the analysis; the look is written down",
    params: itemParams,
    query: square,
    stream: 'image/jpeg',
  },
  listLineups: {
    method: 'GET',
    path: '/lineups',
    access: 'lineup.examine',
    tag,
    summary: 'Own line-ups, newest first',
    query: pageQuery,
    reply: page(
      z.object({
        id,
        state: z.enum(['taken', 'finished', 'cancelled']),
        takenAt: time,
        finishedAt: time.nullable(),
      }),
    ),
  },
  takeLineup: {
    method: 'POST',
    path: '/lineups',
    access: 'lineup.examine',
    tag,
    summary: 'Take the longest waiting line-up that the account can be blind for; null when there is none',
    body: z.object({}),
    reply: z.object({ lineup: lineup.nullable() }),
  },
  showLineup: {
    method: 'GET',
    path: '/lineups/:id',
    access: 'lineup.examine',
    tag,
    summary: 'An own line-up: the probe, and six faces in random order, after the analysis',
    params: idParams,
    reply: lineup,
  },
  writeLineupAnalysis: {
    method: 'PUT',
    path: '/lineups/:id/analysis',
    access: 'lineup.examine',
    tag,
    summary: 'Keep, or finish, the analysis of the probe alone; the faces are shown after that',
    params: idParams,
    body: writeAnalysis,
    reply: lineup,
  },
  writeLineupComparison: {
    method: 'PUT',
    path: '/lineups/:id/items/:itemId',
    access: 'lineup.examine',
    tag,
    summary: 'Keep checklist, evaluation and conclusion on one face as a draft',
    params: itemParams,
    body: comparisonDraft,
    reply: lineup,
  },
  finishLineup: {
    method: 'POST',
    path: '/lineups/:id/finish',
    access: 'lineup.examine',
    tag,
    summary: 'Finish, with a conclusion on every face',
    params: idParams,
    body: z.object({}),
    reply: lineup,
  },
  returnLineup: {
    method: 'POST',
    path: '/lineups/:id/return',
    access: 'lineup.examine',
    tag,
    summary: 'Give a line-up back unfinished; somebody else gets it',
    params: idParams,
    body: z.object({ reason: text }),
  },
  showLineupProbe: {
    method: 'GET',
    path: '/lineups/:id/probe/picture',
    access: 'lineup.examine',
    tag,
    summary: "The probe's face; the look is written down",
    params: idParams,
    query: square,
    stream: 'image/jpeg',
  },
  showLineupItem: {
    method: 'GET',
    path: '/lineups/:id/items/:itemId/picture',
    access: 'lineup.examine',
    tag,
    summary: 'One face of the line-up, made like all others; the look is written down',
    params: itemParams,
    query: square,
    stream: 'image/jpeg',
  },
  readMethodErrors: {
    method: 'GET',
    path: '/statistics/blind-verification',
    access: 'statistics.read',
    tag,
    summary: 'Measured error rates of blind verification in the agency, with 95 % intervals',
    reply: z.object({
      lineups: z.int(),
      concordant: z.int(),
      discordant: z.int(),
      fillerChosen: rate(),
      perFiller: rate(),
    }),
  },
})

function rate() {
  return z
    .object({
      count: z.int(),
      of: z.int(),
      rate: z.number().nullable().describe('null: nothing counted yet'),
      low: z.number(),
      high: z.number(),
    })
    .describe('With its 95 % interval (Wilson)')
}
