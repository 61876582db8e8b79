import { z } from 'zod'
import { CASE_PURPOSES } from './case-purposes.ts'
import { fivePoints } from './derivation.ts'
import { defineEndpoints } from './endpoint.ts'
import { box, mediaFacts, pictureQuery, reveal } from './picture-shapes.ts'
import { day, extrapolated, id, idParams, line, page, pageQuery, text, time } from './values.ts'
import { ALERT_STATES, CLOSED_AS, COMPARISONS, STANDING_STATES, THRESHOLD_REASONS } from './watch-words.ts'

const tag = 'Standing searches and alerts'
const MAX_COLLECTIONS = 500
/** As the service allows. */
const MAX_PROBE_FACES = 16
const MOST_DUE_HOURS = 720

const similarity = z.number().min(-1).max(1).describe('Cosine; never a percentage')
const rate = z.number().gt(0).max(0.1).describe('Share of strangers that reach the threshold')
const purpose = z.enum(CASE_PURPOSES)
const comparison = z
  .enum(COMPARISONS)
  .describe('Several photos of the person one by one, the best counting, or fused into one template')
const collections = z.array(line).min(1).max(MAX_COLLECTIONS).describe('Ids or titles')
const dueHours = z.int().min(1).max(MOST_DUE_HOURS)

const subject = {
  personId: id,
  collections: collections.optional().describe('Left out: all that may be searched, those of the future too'),
  comparison: comparison.optional().describe('Left out: as is proposed'),
  withFaces: z.boolean().default(false).describe('Also faces that examiners linked with the person'),
  probeFaces: z.array(id).max(MAX_PROBE_FACES).default([]).describe('Probe faces that show the person'),
}

const standingSearch = z
  .object({
    id,
    personId: id,
    personName: z.string().nullable(),
    personRef: z.string().nullable(),
    caseId: id.nullable(),
    purpose,
    legalBasis: z.string(),
    collections: z.array(z.string()).nullable().describe('Titles; null: all that may be searched'),
    comparison,
    withFaces: z.boolean(),
    probeFaces: z.array(id),
    threshold: similarity,
    falseMatchRate: z.number().nullable(),
    dueHours: z.int(),
    endsOn: day,
    reviewOn: day,
    reviewAskedAt: time.nullable().describe('Since when a supervisor is asked whether it is still needed'),
    state: z.enum(STANDING_STATES),
    stateReason: z.string().nullable(),
    templates: z.int().describe('Templates that it compares now; 0: it rests'),
    faces: z.int().describe('Faces of the person that they were made from'),
    waiting: z.int().describe('Templates not yet compared with everything held'),
    openAlerts: z.int(),
    setUpBy: z.string(),
    setUpAt: time,
    changedBy: z.string(),
    changedAt: time,
  })
  .meta({ id: 'StandingSearch' })

const pictured = z.object({
  widthPx: z.int(),
  heightPx: z.int(),
  box: box.describe('Pixels of the picture'),
  fivePoints,
  sensitive: z.boolean(),
})

const alert = z
  .object({
    id,
    personId: id,
    personName: z.string().nullable(),
    personRef: z.string().nullable(),
    state: z.enum(ALERT_STATES),
    closedAs: z.enum(CLOSED_AS).nullable(),
    reason: z.string().nullable(),
    owner: z.object({ id, name: z.string() }).nullable(),
    raisedAt: time,
    dueAt: time,
    isOverdue: z.boolean().describe('Open, and past its due time'),
    escalatedAt: time.nullable(),
    goneAt: time.nullable().describe('When what it speaks of was erased'),
    identificationId: id.nullable(),
    changedBy: z.string(),
    changedAt: time,
    kind: z.enum(['media', 'probe']).describe('Whether the photo is in a collection or a probe of a case'),
    media: mediaFacts.extend({ id }).nullable().describe('null: a probe, erased, or no longer granted'),
    probe: z.object({ id, caseId: id, caseNumber: z.string(), label: z.string().nullable() }).nullable(),
    hits: z
      .array(
        z.object({
          id,
          standingSearchId: id,
          faceId: id,
          similarity,
          threshold: similarity,
          falseMatchRate: z.number().nullable().describe('Share of strangers as similar; null: not measured'),
          extrapolated,
          box: box.nullable().describe('Of the face found; pixels of the upright original'),
          personKind: z
            .enum(['photo', 'face', 'probe', 'fused'])
            .describe('What of the person it is like; of fused faces the best is shown'),
          pair: z
            .object({ person: pictured.nullable(), found: pictured.nullable() })
            .nullable()
            .describe('Both sides, to be laid side by side; null in lists'),
          foundAt: time,
        }),
      )
      .describe('Most similar first'),
  })
  .meta({ id: 'Alert' })

const counts = z.object({
  fresh: z.int(),
  open: z.int(),
  overdue: z.int(),
  mine: z.int(),
  newest: id.nullable(),
})

/** Standing searches, and the alerts they raise. */
export const watchEndpoints = defineEndpoints({
  previewStandingSearch: {
    method: 'POST',
    path: '/standing-search-previews',
    access: 'watch.change',
    shutToVerifiers: true,
    tag,
    summary: 'How many false alerts a month each threshold would give, and which is proposed',
    body: z.object(subject),
    reply: z.object({
      faces: z.int(),
      templates: z.int(),
      comparison,
      collections: z.int().describe('How many collections it would look at now'),
      facesAMonth: z.int().describe('Faces enrolled in them in the last 30 days'),
      scores: z.object({
        source: z.enum(['collections', 'pack', 'none']),
        pairs: z.number().nullable(),
        measuredAt: time.nullable(),
      }),
      levels: z.array(
        z.object({
          falseMatchRate: z.number().describe('What the threshold aims at'),
          threshold: similarity,
          measuredRate: z.number().describe('Share of strangers that reach it, as far as that was measured'),
          expectedFalseAlerts: z.number().describe('A month'),
          extrapolated,
        }),
      ),
      proposed: z
        .object({ falseMatchRate: z.number(), threshold: similarity })
        .nullable()
        .describe('null: nobody has measured what scores mean'),
      reason: z.enum(THRESHOLD_REASONS),
      words: z.string().describe('Why, in English'),
      dueHours: z.int(),
    }),
  },
  createStandingSearch: {
    method: 'POST',
    path: '/standing-searches',
    access: 'watch.change',
    shutToVerifiers: true,
    tag,
    summary: 'Compare a person with every face enrolled from now on, and with everything held',
    body: z.object({
      ...subject,
      caseId: id.optional(),
      purpose,
      legalBasis: text,
      falseMatchRate: rate.optional().describe('What the threshold is chosen for'),
      threshold: similarity.optional().describe('Instead of a share of strangers; neither: as is proposed'),
      dueHours: dueHours.optional(),
      endsOn: day,
      reviewOn: day,
    }),
    reply: standingSearch,
    status: 201,
    idempotent: true,
  },
  listStandingSearches: {
    method: 'GET',
    path: '/standing-searches',
    access: 'watch.read',
    tag,
    summary: 'Standing searches, newest first',
    query: pageQuery.extend({ personId: id.optional(), state: z.enum(STANDING_STATES).optional() }),
    reply: page(standingSearch),
  },
  showStandingSearch: {
    method: 'GET',
    path: '/standing-searches/:id',
    access: 'watch.read',
    tag,
    summary: 'One standing search',
    params: idParams,
    reply: standingSearch,
  },
  changeStandingSearch: {
    method: 'PUT',
    path: '/standing-searches/:id',
    access: 'watch.change',
    shutToVerifiers: true,
    tag,
    summary: 'Pause, resume, end or change a standing search; what is left out stays',
    params: idParams,
    body: z.object({
      state: z.enum(STANDING_STATES).optional().describe('`ended` is for good'),
      reason: text.optional().describe('Needed with a state'),
      collections: collections.nullable().optional(),
      falseMatchRate: rate.optional(),
      threshold: similarity.optional(),
      dueHours: dueHours.optional(),
      endsOn: day.optional(),
      reviewOn: day.optional(),
    }),
    reply: standingSearch,
  },
  listAlerts: {
    method: 'GET',
    path: '/alerts',
    access: 'alert.read',
    shutToVerifiers: true,
    tag,
    summary: 'Alerts, newest first',
    query: pageQuery.extend({
      state: z.enum([...ALERT_STATES, 'open']).optional(),
      personId: id.optional(),
      whose: z.enum(['mine', 'all']).default('all').describe('`mine`: those the own account deals with'),
      overdue: z.enum(['yes', 'no']).default('no'),
    }),
    reply: page(alert),
  },
  countAlerts: {
    method: 'GET',
    path: '/alert-counts',
    access: 'alert.read',
    shutToVerifiers: true,
    tag,
    summary: 'How many alerts are new, open, overdue and one’s own',
    reply: counts,
  },
  showAlert: {
    method: 'GET',
    path: '/alerts/:id',
    access: 'alert.read',
    shutToVerifiers: true,
    tag,
    summary: 'One alert; the look is written down',
    params: idParams,
    reply: alert,
  },
  showAlertPicture: {
    method: 'GET',
    path: '/alerts/:id/hits/:hitId/picture',
    access: 'alert.read',
    shutToVerifiers: true,
    tag,
    summary: 'The person or the face found, sensitive ones blurred unless revealed; the look is written down',
    params: idParams.extend({ hitId: id }),
    query: pictureQuery.extend({
      which: z.enum(['person', 'found']).default('found'),
      part: z.enum(['face', 'whole']).default('face'),
      reveal,
    }),
    stream: 'image/jpeg',
  },
  acknowledgeAlert: {
    method: 'POST',
    path: '/alerts/:id/acknowledgement',
    access: 'alert.handle',
    shutToVerifiers: true,
    tag,
    summary: 'Say that the alert was seen',
    params: idParams,
    reply: alert,
  },
  takeAlert: {
    method: 'POST',
    path: '/alerts/:id/owner',
    access: 'alert.handle',
    shutToVerifiers: true,
    tag,
    summary: 'Take an alert over, or give it to somebody of the agency',
    params: idParams,
    body: z.object({ accountId: id.optional(), dueAt: time.optional() }),
    reply: alert,
  },
  dismissAlert: {
    method: 'POST',
    path: '/alerts/:id/dismissal',
    access: 'alert.handle',
    shutToVerifiers: true,
    tag,
    summary: 'Close an alert for a reason',
    params: idParams,
    body: z.object({ reason: text }),
    reply: alert,
  },
  alertNotThisPerson: {
    method: 'POST',
    path: '/alerts/:id/not-this-person',
    access: 'alert.handle',
    shutToVerifiers: true,
    tag,
    summary: 'Say that the faces found are not the person: the pairs are silent for ever',
    params: idParams,
    body: z.object({ reason: text }),
    reply: alert,
  },
  leadFromAlert: {
    method: 'POST',
    path: '/alerts/:id/lead',
    access: 'identification.open',
    shutToVerifiers: true,
    tag,
    summary: 'Take the face found as a lead of a case, by a recorded search; or name the lead there is',
    params: idParams,
    body: z.object({
      caseId: id.optional().describe('The case in which the lead is examined'),
      hitId: id.optional().describe('Which face; the most similar when left out'),
      identificationId: id.optional().describe('The lead there is already, instead of a case'),
    }),
    reply: alert,
  },
})
