import type { watchEndpoints } from '../../contract/watch-endpoints.ts'
import { OPEN_ALERT_STATES } from '../../contract/watch-words.ts'
import type { AccountActor } from '../../actor/actor.ts'
import { pairsOf, showAlertPicture, type PicturedFace } from '../../watch/alert-picture.ts'
import { changeStandingSearch } from '../../watch/change-standing-search.ts'
import { acknowledgeAlert, dismissAlert, notThisPerson, takeAlert } from '../../watch/handle-alert.ts'
import { leadFromAlert, linkAlertToLead } from '../../watch/lead-from-alert.ts'
import {
  listStandingSearches,
  showStandingSearch,
  type ListedStandingSearch,
} from '../../watch/list-standing-searches.ts'
import { previewThresholds } from '../../watch/preview-thresholds.ts'
import { setUpStandingSearch } from '../../watch/set-up-standing-search.ts'
import {
  countVisibleAlerts,
  describedAlert,
  listAlerts,
  showAlert,
  type ShownAlert,
} from '../../watch/show-alerts.ts'
import { AppError } from '../../errors.ts'
import { keptWithinMeasured } from '../../search/score-meaning.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { mediaReply } from '../media-reply.ts'
import { nextOf } from '../pages.ts'

/** Standing searches, and the alerts they raise. */
export function watchRoutes(ctx: HttpContext): HandlersOf<typeof watchEndpoints> {
  const searchReply = async (actor: AccountActor, id: string) =>
    standingReply(await showStandingSearch(ctx, actor, { id }))
  const withPairs = async (shown: ShownAlert) => alertReply(shown, await pairsOf(ctx.store.db, shown))
  const reply = async (actor: AccountActor, id: string) =>
    withPairs(await describedAlert(ctx.store.db, actor, id))
  return {
    async previewStandingSearch({ actor, body, signal }) {
      const { personId, collections, comparison, withFaces, probeFaces } = body
      const input = { personId, collections, comparison, withFaces, probeFaces }
      const preview = await previewThresholds(ctx, actor, input, signal)
      const { source, pairs, measuredAt } = preview.scores
      return {
        ...preview,
        collections: preview.collections.length,
        scores: { source, pairs: pairs ?? null, measuredAt: measuredAt ?? null },
        proposed: preview.proposed ?? null,
      }
    },
    createStandingSearch: {
      async first({ actor, body, signal }) {
        const { collections, comparison, caseId, falseMatchRate, threshold, dueHours, ...rest } = body
        const input = { collections, comparison, caseId, falseMatchRate, threshold, dueHours, ...rest }
        const { id } = await setUpStandingSearch(ctx, actor, input, signal)
        return searchReply(actor, id)
      },
      again: async ({ actor }, id) => searchReply(actor, id),
    },
    async listStandingSearches({ actor, query: { personId, state, cursor, limit } }) {
      const rows = await listStandingSearches(ctx, actor, { personId, state, before: cursor, limit })
      return { items: rows.map(standingReply), next: nextOf(rows, limit, ({ id }) => id) }
    },
    showStandingSearch: async ({ actor, params }) => searchReply(actor, params.id),
    async changeStandingSearch({ actor, params, body }) {
      const { state, reason, collections, falseMatchRate, threshold, dueHours, endsOn, reviewOn } = body
      const changes = { state, reason, collections, falseMatchRate, threshold, dueHours, endsOn, reviewOn }
      await changeStandingSearch(ctx, actor, { id: params.id, ...changes })
      return searchReply(actor, params.id)
    },
    async listAlerts({ actor, query: { state, personId, whose, overdue, cursor, limit } }) {
      const rows = await listAlerts(ctx, actor, {
        states: state === undefined ? undefined : state === 'open' ? OPEN_ALERT_STATES : [state],
        personId,
        ownerId: whose === 'mine' ? actor.accountId : undefined,
        isOverdue: overdue === 'yes',
        before: cursor,
        limit,
      })
      return { items: rows.map((row) => alertReply(row)), next: nextOf(rows, limit, ({ alert }) => alert.id) }
    },
    countAlerts: async ({ actor }) => countVisibleAlerts(ctx, actor),
    showAlert: async ({ actor, params }) => withPairs(await showAlert(ctx, actor, params)),
    async showAlertPicture({ actor, params, query: { which, side, part, reveal }, signal }) {
      const input = {
        ...params,
        which,
        faceOnly: part === 'face',
        longSidePx: side,
        reveal: reveal === 'yes',
        signal,
      }
      return Buffer.from(await showAlertPicture(ctx, actor, input))
    },
    async acknowledgeAlert({ actor, params }) {
      await acknowledgeAlert(ctx, actor, params)
      return reply(actor, params.id)
    },
    async takeAlert({ actor, params, body: { accountId, dueAt } }) {
      await takeAlert(ctx, actor, { id: params.id, accountId, dueAt })
      return reply(actor, params.id)
    },
    async dismissAlert({ actor, params, body }) {
      await dismissAlert(ctx, actor, { id: params.id, reason: body.reason })
      return reply(actor, params.id)
    },
    async alertNotThisPerson({ actor, params, body }) {
      await notThisPerson(ctx, actor, { id: params.id, reason: body.reason })
      return reply(actor, params.id)
    },
    async leadFromAlert({ actor, params, body: { caseId, hitId, identificationId }, signal }) {
      if ((caseId === undefined) === (identificationId === undefined))
        throw new AppError('bad_input', 'Expected a case or a lead, one of the two.')
      if (identificationId !== undefined)
        await linkAlertToLead(ctx, actor, { id: params.id, identificationId })
      else await leadFromAlert(ctx, actor, { id: params.id, caseId: caseId!, hitId, signal })
      return reply(actor, params.id)
    },
  }
}

function standingReply(row: ListedStandingSearch) {
  return {
    id: row.id,
    personId: row.person_id,
    personName: row.personName,
    personRef: row.personRef,
    caseId: row.case_id,
    purpose: row.purpose,
    legalBasis: row.legal_basis,
    collections: row.collectionTitles,
    comparison: row.comparison,
    withFaces: row.with_faces === 1,
    probeFaces: JSON.parse(row.probe_faces) as string[],
    threshold: row.threshold,
    falseMatchRate: row.false_match_rate,
    dueHours: row.due_hours,
    endsOn: row.ends_on,
    reviewOn: row.review_on,
    reviewAskedAt: row.review_asked_at,
    state: row.state,
    stateReason: row.state_reason,
    templates: row.templates,
    faces: row.faces,
    waiting: row.waiting,
    openAlerts: row.openAlerts,
    setUpBy: row.set_up_by,
    setUpAt: row.set_up_at,
    changedBy: row.changed_by,
    changedAt: row.changed_at,
  }
}

type Pairs = Awaited<ReturnType<typeof pairsOf>>

function pairReply(pair: ReturnType<Pairs['get']>) {
  return pair === undefined ? null : { person: sideReply(pair.person), found: sideReply(pair.found) }
}

function sideReply(face: PicturedFace | undefined) {
  if (face === undefined) return null
  const { widthPx, heightPx, box, points: fivePoints, sensitive } = face
  return { widthPx, heightPx, box, fivePoints, sensitive }
}

function alertReply({ alert, person, hits, media, probe }: ShownAlert, pairs?: Pairs) {
  return {
    id: alert.id,
    personId: alert.person_id,
    personName: person.name,
    personRef: person.ref,
    state: alert.state,
    closedAs: alert.closed_as,
    reason: alert.reason,
    owner: alert.owner_id === null ? null : { id: alert.owner_id, name: alert.owner ?? '' },
    raisedAt: alert.raised_at,
    dueAt: alert.due_at,
    isOverdue: OPEN_ALERT_STATES.includes(alert.state) && alert.due_at < new Date().toISOString(),
    escalatedAt: alert.escalated_at,
    goneAt: alert.gone_at,
    identificationId: alert.identification_id,
    changedBy: alert.changed_by,
    changedAt: alert.changed_at,
    kind: alert.target_kind,
    media: media === undefined ? null : { id: media.mediaId, ...mediaReply(media) },
    probe:
      probe === undefined
        ? null
        : { id: probe.id, caseId: probe.case_id, caseNumber: probe.caseNumber, label: probe.label },
    // Of a photo that may no longer be seen, not even what it was like.
    hits: (media === undefined && probe === undefined ? [] : hits).map((hit) => hitReply(hit, pairs)),
  }
}

function hitReply(hit: ShownAlert['hits'][number], pairs: Pairs | undefined) {
  const rate = keptWithinMeasured(hit.false_match_rate, hit.measured_pairs)
  return {
    id: hit.id,
    standingSearchId: hit.search_id,
    faceId: hit.face_id,
    similarity: hit.similarity,
    threshold: hit.threshold,
    falseMatchRate: rate?.value ?? null,
    extrapolated: rate?.extrapolated ?? false,
    box: hit.box ?? null,
    personKind: hit.subject_kind,
    pair: pairReply(pairs?.get(hit.id)),
    foundAt: hit.found_at,
  }
}
