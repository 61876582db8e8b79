import type { missingEndpoints } from '../../contract/missing-endpoints.ts'
import { PROTECTED_STATUSES } from '../../contract/person-words.ts'
import type { Box, FivePoints } from '../../engine/types.ts'
import { addContact, listContacts, removeContact } from '../../missing/contacts.ts'
import { findDisappearance, saveDisappearance } from '../../missing/disappearance.ts'
import {
  changeEnquiryState,
  listEnquiries,
  openEnquiry,
  recordAnswer,
  showEnquiry,
  type ListedEnquiry,
  type ShownEnquiry,
} from '../../missing/enquiries.ts'
import { exportPeople } from '../../missing/export-people.ts'
import { importPeople } from '../../missing/import-people.ts'
import { makePoster } from '../../missing/make-poster.ts'
import {
  addPersonPhoto,
  changePersonPhoto,
  erasePersonPhoto,
  findPersonPhoto,
  listPersonPhotos,
  lookAtPhoto,
  showPersonPhoto,
} from '../../people/person-photos.ts'
import { findPerson } from '../../people/person-scope.ts'
import type { DisappearanceTable } from '../../store/tables/missing-tables.ts'
import type { PersonPhotoTable, PersonRecordTable } from '../../store/tables/person-tables.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { nextOf } from '../pages.ts'

/** People who are looked for, and what families ask. */
export function missingRoutes(ctx: HttpContext): HandlersOf<typeof missingEndpoints> {
  return { ...disappearanceRoutes(ctx), ...photoRoutes(ctx), ...fileRoutes(ctx), ...enquiryRoutes(ctx) }
}

type Routes<Names extends keyof typeof missingEndpoints> = Pick<HandlersOf<typeof missingEndpoints>, Names>

function disappearanceRoutes(
  ctx: HttpContext,
): Routes<'showDisappearance' | 'saveDisappearance' | 'listContacts' | 'addContact' | 'removeContact'> {
  return {
    async showDisappearance({ actor, params }) {
      await findPerson(ctx.store.db, actor, params.id)
      const row = await findDisappearance(ctx.store.db, params.id)
      return { disappearance: row === undefined ? null : disappearanceReply(row) }
    },
    saveDisappearance: async ({ actor, params, body }) =>
      disappearanceReply(await saveDisappearance(ctx, actor, { ...body, personId: params.id })),
    async listContacts({ actor, params }) {
      const rows = await listContacts(ctx, actor, { personId: params.id })
      return rows.map(({ id, name, relation, telephone, email, address, note, added_by, added_at }) => ({
        id,
        name,
        relation,
        telephone,
        email,
        address,
        note,
        addedBy: added_by,
        addedAt: added_at,
      }))
    },
    addContact: ({ actor, params, body }) => addContact(ctx, actor, { ...body, personId: params.id }),
    removeContact: ({ actor, params }) =>
      removeContact(ctx, actor, { personId: params.id, contactId: params.contactId }),
  }
}

function photoRoutes(
  ctx: HttpContext,
): Routes<
  | 'lookAtPhoto'
  | 'listPersonPhotos'
  | 'addPersonPhoto'
  | 'changePersonPhoto'
  | 'erasePersonPhoto'
  | 'showPersonPhoto'
> {
  const { db } = ctx.store
  return {
    async lookAtPhoto({ actor, params, body, signal }) {
      const { photo, faces } = await lookAtPhoto(ctx, actor, { personId: params.id, photo: body, signal })
      return {
        widthPx: photo.widthPx,
        heightPx: photo.heightPx,
        faces: faces.map(({ number, boxPx, quality }) => ({ number, box: boxPx, quality: { ...quality } })),
      }
    },
    async listPersonPhotos({ actor, params }) {
      const { record } = await findPerson(db, actor, params.id)
      return (await listPersonPhotos(db, params.id)).map((row) => photoReply(row, record))
    },
    addPersonPhoto: {
      async first({ actor, params, query: { face, points, takenOn, note, mayPublish }, body, signal }) {
        const row = await addPersonPhoto(ctx, actor, {
          personId: params.id,
          photo: body,
          face,
          points: points === undefined ? undefined : fivePoints(points),
          takenOn,
          note,
          mayPublish: mayPublish === 'yes',
          signal,
        })
        return photoReply(row, (await findPerson(db, actor, params.id)).record)
      },
      async again({ actor, params }, photoId) {
        const { record } = await findPerson(db, actor, params.id)
        return photoReply(await findPersonPhoto(db, actor, { personId: params.id, photoId }), record)
      },
    },
    async changePersonPhoto({ actor, params: { id: personId, photoId }, body }) {
      const { takenOn, note, mayPublish } = body
      await changePersonPhoto(ctx, actor, { personId, photoId, takenOn, note, mayPublish })
      const { record } = await findPerson(db, actor, personId)
      return photoReply(await findPersonPhoto(db, actor, { personId, photoId }), record)
    },
    erasePersonPhoto: ({ actor, params, body }) =>
      erasePersonPhoto(ctx, actor, { personId: params.id, photoId: params.photoId, reason: body.reason }),
    async showPersonPhoto({ actor, params, query: { side, part, reveal }, signal }) {
      return Buffer.from(
        await showPersonPhoto(ctx, actor, {
          personId: params.id,
          photoId: params.photoId,
          part,
          longSidePx: side,
          reveal: reveal === 'yes',
          signal,
        }),
      )
    },
  }
}

function fileRoutes(ctx: HttpContext): Routes<'importPeople' | 'exportPeople' | 'makePoster'> {
  return {
    importPeople: ({ actor, query: { status, basis, basisDetail, dryRun }, body, signal }) =>
      importPeople(ctx, actor, {
        bytes: body,
        status,
        basis,
        basisDetail,
        dryRun: dryRun === 'yes',
        signal,
      }),
    async exportPeople({ actor, query }) {
      return Buffer.from(await exportPeople(ctx, actor, { ...query, domain: ctx.publicUrl.hostname }))
    },
    async makePoster({ actor, params, body, signal }) {
      return Buffer.from(await makePoster(ctx, actor, { ...body, personId: params.id, signal }))
    },
  }
}

function enquiryRoutes(
  ctx: HttpContext,
): Routes<'listEnquiries' | 'openEnquiry' | 'showEnquiry' | 'recordAnswer' | 'changeEnquiryState'> {
  return {
    async listEnquiries({ actor, query: { state, personId, cursor, limit } }) {
      const items = await listEnquiries(ctx, actor, { state, personId, before: cursor, limit })
      return { items: items.map(listedReply), next: nextOf(items, limit, ({ id }) => id) }
    },
    openEnquiry: {
      first: async ({ actor, body }) => enquiryReply(await openEnquiry(ctx, actor, body)),
      again: async ({ actor }, id) => enquiryReply(await showEnquiry(ctx, actor, { id })),
    },
    showEnquiry: async ({ actor, params }) => enquiryReply(await showEnquiry(ctx, actor, params)),
    recordAnswer: async ({ actor, params, body }) =>
      enquiryReply(await recordAnswer(ctx, actor, { ...body, id: params.id })),
    changeEnquiryState: async ({ actor, params, body }) =>
      enquiryReply(await changeEnquiryState(ctx, actor, { ...body, id: params.id })),
  }
}

function fivePoints(numbers: readonly number[]): FivePoints {
  const points = [0, 2, 4, 6, 8].map((at) => ({ x: numbers[at], y: numbers[at + 1] }))
  return points as unknown as FivePoints
}

function disappearanceReply(row: DisappearanceTable) {
  return {
    lastSeenOn: row.last_seen_on,
    lastSeenPlace: row.last_seen_place,
    marks: row.marks,
    clothing: row.clothing,
    circumstances: row.circumstances,
    photoUrls: row.photo_urls,
    basis: row.basis,
    basisDetail: row.basis_detail,
    mayPublish: row.may_publish === 1,
    keepUntil: row.keep_until,
    changedBy: row.changed_by,
    changedAt: row.changed_at,
  }
}

function photoReply(row: PersonPhotoTable, record: PersonRecordTable | undefined) {
  return {
    id: row.id,
    personId: row.person_id,
    sha256: row.sha256,
    format: row.format,
    widthPx: row.width_px,
    heightPx: row.height_px,
    takenOn: row.taken_on,
    note: row.note,
    mayPublish: row.may_publish === 1,
    box: JSON.parse(row.box) as Box,
    faceOrigin: row.face_origin,
    quality: JSON.parse(row.quality) as Record<string, unknown>,
    sensitive: record !== undefined && PROTECTED_STATUSES.includes(record.status),
    addedBy: row.added_by,
    addedAt: row.added_at,
  }
}

function listedReply(row: ListedEnquiry) {
  return {
    id: row.id,
    number: row.number,
    personId: row.person_id,
    personNames: row.personNames,
    enquirer: row.enquirer,
    relation: row.relation,
    receivedOn: row.received_on,
    channel: row.channel,
    state: row.state,
    openedBy: row.opened_by,
    openedAt: row.opened_at,
    changedAt: row.changed_at,
  }
}

function enquiryReply(row: ShownEnquiry) {
  return {
    ...listedReply(row),
    telephone: row.telephone,
    email: row.email,
    address: row.address,
    question: row.question,
    answers: row.answers.map((answer) => ({
      id: answer.id,
      answer: answer.answer,
      givenBy: answer.given_by,
      givenOn: answer.given_on,
      channel: answer.channel,
      recordedBy: answer.recorded_by,
      recordedAt: answer.recorded_at,
    })),
  }
}
