import type { DviEntry } from '../../contract/dvi-form.ts'
import type { personEndpoints } from '../../contract/person-endpoints.ts'
import { linkFace, unlinkFace } from '../../people/link-face.ts'
import { listPeople } from '../../people/list-people.ts'
import { mergePeople, splitPerson, undoChange } from '../../people/merge-and-split.ts'
import type { MovedLinks } from '../../people/move-links.ts'
import { romanise, tableFor } from '../../people/romanise.ts'
import { changePerson, createPerson, type PersonInput } from '../../people/save-person.ts'
import { showPerson, showPersonFace, type PersonDetails } from '../../people/show-person.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { nextOf } from '../pages.ts'

/** Records of people. */
export function personRoutes(ctx: HttpContext): HandlersOf<typeof personEndpoints> {
  return {
    async listPeople({ actor, query: { name, status, cursor, limit } }) {
      const items = await listPeople(ctx, actor, { name, status, before: cursor, limit })
      return { items, next: name === undefined ? nextOf(items, limit, ({ id }) => id) : null }
    },
    createPerson: {
      first: async ({ actor, body }) =>
        personReply(await createPerson(ctx, actor, { ...personInput(body), status: body.status })),
      again: async ({ actor }, id) => personReply(await showPerson(ctx, actor, { id })),
    },
    showPerson: async ({ actor, params }) => personReply(await showPerson(ctx, actor, params)),
    changePerson: async ({ actor, params, body }) =>
      personReply(await changePerson(ctx, actor, { ...personInput(body), id: params.id })),
    linkFace: async ({ actor, params, body }) =>
      personReply(await linkFace(ctx, actor, { ...params, link: body.link })),
    unlinkFace: async ({ actor, params }) => personReply(await unlinkFace(ctx, actor, params)),
    async showPersonFace({ actor, params, query: { side, reveal }, signal }) {
      const input = { ...params, longSidePx: side, reveal: reveal === 'yes', signal }
      return Buffer.from(await showPersonFace(ctx, actor, input))
    },
    mergePeople: async ({ actor, params, body }) =>
      personReply(await mergePeople(ctx, actor, { id: params.id, ...body })),
    splitPerson: async ({ actor, params, body }) =>
      personReply(await splitPerson(ctx, actor, { id: params.id, ...body })),
    undoPersonChange: async ({ actor, params, body }) =>
      personReply(await undoChange(ctx, actor, { id: params.id, reason: body.reason })),
  }
}

/** Every field by name, so that what was left out is undefined. */
function personInput(body: Partial<Omit<PersonInput, 'names'>> & { names?: unknown }): PersonInput {
  const { ref, names, status, birthDate, birthApproximate, affiliation, note, anteMortem, postMortem } =
    body as PersonInput
  return { ref, names, status, birthDate, birthApproximate, affiliation, note, anteMortem, postMortem }
}

function personReply({ person, record, names, faces, changes }: PersonDetails) {
  return {
    id: person.id,
    ref: person.ref,
    importedName: person.name,
    names: names.map((name) => ({
      id: name.id,
      kind: name.kind,
      given: name.given,
      patronymic: name.patronymic,
      family: name.family,
      written: name.written,
      script: name.script,
      romanised: name.script === 'Cyrl' ? romanise(name.written, tableFor(name.written)) : null,
    })),
    status: record?.status ?? null,
    birthDate: record?.birth_date ?? null,
    birthApproximate: record?.birth_approximate === 1,
    affiliation: record?.affiliation ?? null,
    note: record?.note ?? null,
    anteMortem: JSON.parse(record?.ante_mortem ?? '[]') as DviEntry[],
    postMortem: JSON.parse(record?.post_mortem ?? '[]') as DviEntry[],
    retired: (record?.retired_by ?? null) !== null,
    createdAt: person.created_at,
    createdBy: person.created_by,
    changedAt: record?.changed_at ?? null,
    changedBy: record?.changed_by ?? null,
    faces: faces.map((link) => ({
      faceId: link.face_id,
      mediaId: link.photo?.mediaId ?? null,
      link: link.link,
      origin: link.origin,
      linkedBy: link.linked_by,
      linkedAt: link.linked_at,
      box: link.photo?.box ?? null,
      visible: link.photo !== undefined,
      sensitive: link.sensitive,
    })),
    changes: changes.map((row) => {
      const { moved, doubled } = JSON.parse(row.moved) as MovedLinks
      return {
        id: row.id,
        kind: row.kind,
        fromId: row.from_id,
        toId: row.to_id,
        faces: moved.length + doubled.length,
        reason: row.reason,
        changedBy: row.changed_by,
        changedAt: row.changed_at,
        undoneBy: row.undone_by,
        undoneAt: row.undone_at,
        undoReason: row.undo_reason,
      }
    }),
  }
}
