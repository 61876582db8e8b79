import { z } from 'zod'
import { CASE_PURPOSES } from './case-purposes.ts'
import { derivationStep, fivePoints, MAX_STEPS } from './derivation.ts'
import { defineEndpoints } from './endpoint.ts'
import {
  box,
  mediaFacts,
  moment,
  pictureQuery,
  quality,
  replayQuery,
  reveal,
  remark,
} from './picture-shapes.ts'
import { day, extrapolated, id, idParams, line, page, pageQuery, time } from './values.ts'

const tag = 'Probes and searches'
const MAX_LIMIT = 500
const MAX_FACES = 16
/** As the service keeps below the threshold. */
const MAX_BELOW = 20

const similarity = z.number().min(-1).max(1).describe('Cosine; never a percentage')

const probe = z
  .object({
    id,
    caseId: id,
    sha256: z.string().describe("The original's"),
    format: z.string(),
    widthPx: z.int(),
    heightPx: z.int(),
    label: z.string().nullable(),
    parentId: id.nullable(),
    steps: z.array(derivationStep),
    pixelsSha256: z.string().nullable().describe('Of the picture after the steps: replaying gives the same'),
    remarks: z.array(remark).describe('How the original was read, when not whole'),
    addedBy: z.string(),
    addedAt: time,
    faces: z.array(
      z.object({
        id,
        number: z.int(),
        origin: z.enum(['detector', 'examiner']),
        box: box.describe('Pixels of the picture after the steps'),
        fivePoints,
        tiltDegrees: z.number(),
        quality,
      }),
    ),
  })
  .meta({ id: 'Probe' })

const searchFacts = z.object({
  id,
  caseId: id,
  at: time,
  searchedBy: z.string(),
  purpose: z.enum(CASE_PURPOSES),
  legalBasis: z.string(),
  faces: z.array(id).describe('Probe faces'),
  collections: z
    .array(z.object({ id, title: z.string() }))
    .describe('That were searched, as far as the own agency sees them now'),
  collectionsHidden: z.int().describe('How many more were searched'),
  parameters: z.object({
    since: day.optional(),
    until: day.optional(),
    limit: z.int(),
    threshold: z.number().optional(),
    exact: z.boolean(),
  }),
  threshold: similarity,
  scores: z.object({ source: z.enum(['collections', 'pack', 'none']), pairs: z.number().optional() }),
  model: z.object({ packId: z.string(), pipelineVersion: z.string() }),
  facesSearched: z.int(),
  facesUndated: z.int(),
  probeAgreement: z.number().nullable(),
  candidateCount: z.int(),
  more: z.boolean().describe('Whether more faces reach the threshold than the limit lets through'),
  listSha256: z.string(),
})

const person = z.object({
  id,
  ref: z.string().nullable(),
  name: z.string().nullable(),
})

const candidate = z.object({
  rank: z.int(),
  faceId: id,
  mediaId: id,
  similarity,
  strangersExpected: z
    .number()
    .nullable()
    .describe('Strangers expected to score as high; null: not measured'),
  extrapolated,
  face: z
    .object({
      number: z.int(),
      box,
      fivePoints,
      quality,
      moment: moment.nullable().describe('null: a face of a photo'),
    })
    .nullable()
    .describe('null: erased, or no longer granted'),
  media: mediaFacts.nullable(),
  person: person.nullable().describe('Whom people of the own agency have linked the face with'),
})
const search = searchFacts
  .extend({
    candidates: z.array(candidate),
    below: z.array(candidate).describe('The nearest faces below the threshold: no candidates; ranks go on'),
  })
  .meta({ id: 'Search' })

/** Probes, searches with their candidate lists, 1:1 verification. */
export const searchEndpoints = defineEndpoints({
  addProbe: {
    method: 'POST',
    path: '/cases/:id/probes',
    access: 'probe.add',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: 'Take a photo into a case to search with; the body is the file',
    params: idParams,
    query: z.object({ label: line.optional() }),
    photoBody: true,
    reply: probe,
    status: 201,
    idempotent: true,
  },
  deriveProbe: {
    method: 'POST',
    path: '/probes/:id/derivations',
    access: 'probe.add',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: 'Make a clearer probe by steps, or mark a face by five points',
    params: idParams,
    body: z.object({
      steps: z.array(derivationStep).max(MAX_STEPS).default([]),
      points: fivePoints.optional().describe('In pixels of the picture after the steps'),
    }),
    reply: probe,
    status: 201,
    idempotent: true,
  },
  listProbes: {
    method: 'GET',
    path: '/cases/:id/probes',
    access: 'case.read',
    boundKeys: true,
    tag,
    summary: 'Probes of a case, newest first',
    params: idParams,
    query: pageQuery,
    reply: page(probe),
  },
  showProbe: {
    method: 'GET',
    path: '/probes/:id',
    access: 'case.read',
    boundKeys: true,
    tag,
    summary: 'One probe with its faces',
    params: idParams,
    reply: probe,
  },
  showProbePicture: {
    method: 'GET',
    path: '/probes/:id/picture',
    access: 'case.read',
    boundKeys: true,
    tag,
    summary: "The probe's picture after its steps; the look is written down",
    params: idParams,
    query: pictureQuery,
    stream: 'image/jpeg',
  },
  searchInCase: {
    method: 'POST',
    path: '/cases/:id/searches',
    access: 'search.run',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: 'Search what the agency owns or was granted; the candidate list is kept and never changes',
    params: idParams,
    body: z.object({
      faces: z.array(id).min(1).max(MAX_FACES).describe('Probe faces of one subject; several are fused'),
      collections: z.array(id).min(1).optional(),
      since: day.optional(),
      until: day.optional(),
      limit: z.int().min(1).max(MAX_LIMIT).default(50),
      threshold: similarity.optional(),
      exact: z.boolean().default(false),
    }),
    reply: search,
    status: 201,
    idempotent: true,
  },
  listSearches: {
    method: 'GET',
    path: '/cases/:id/searches',
    access: 'search.read',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: 'Searches of a case, newest first',
    params: idParams,
    query: pageQuery,
    reply: page(searchFacts),
  },
  listWaitingSearches: {
    method: 'GET',
    path: '/searches/waiting',
    access: 'search.read',
    boundKeys: true,
    tag,
    summary: 'Searches of open cases with candidates of which nobody has marked any, newest first',
    query: pageQuery,
    reply: page(searchFacts.extend({ caseNumber: z.string(), caseTitle: z.string() })),
  },
  showSearch: {
    method: 'GET',
    path: '/searches/:id',
    access: 'search.read',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: 'A search with its candidates; the look is written down',
    params: idParams,
    reply: search,
  },
  showCandidatePicture: {
    method: 'GET',
    path: '/searches/:id/candidates/:rank/picture',
    access: 'search.read',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: "A candidate's picture, sensitive ones blurred unless revealed; the look is written down",
    params: z.object({
      id,
      rank: z.coerce
        .number()
        .int()
        .min(1)
        .max(MAX_LIMIT + MAX_BELOW),
    }),
    query: pictureQuery.extend({
      part: z.enum(['face', 'whole']).default('face'),
      reveal,
    }),
    stream: 'image/jpeg',
  },
  replayCandidatePage: {
    method: 'GET',
    path: '/searches/:id/candidates/:rank/replay',
    access: 'search.read',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary:
      'The archived page on which a candidate stood, without scripts and network, for a locked-down frame; the look is written down',
    params: z.object({
      id,
      rank: z.coerce
        .number()
        .int()
        .min(1)
        .max(MAX_LIMIT + MAX_BELOW),
    }),
    query: replayQuery,
    stream: 'text/html',
  },
  compareFaces: {
    method: 'POST',
    path: '/cases/:id/verifications',
    access: 'verification.run',
    shutToVerifiers: true,
    boundKeys: true,
    tag,
    summary: '1:1 verification of two probe faces of the case',
    params: idParams,
    body: z.object({ faceA: id, faceB: id }),
    reply: z.object({
      id,
      caseId: id,
      at: time,
      similarity,
      threshold: similarity,
      isAlike: z.boolean().describe('At or above the threshold: a lead, never an identity'),
      falseMatchRate: z.number().nullable().describe('Share of strangers who look as alike'),
      extrapolated,
    }),
    status: 201,
    idempotent: true,
  },
})
