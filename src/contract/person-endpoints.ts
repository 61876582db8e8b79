import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { DVI_SECTIONS, dviForm } from './dvi-form.ts'
import { PERSON_STATUSES } from './person-words.ts'
import { box, pictureQuery, reveal } from './picture-shapes.ts'
import { id, idParams, line, page, pageQuery, text, time } from './values.ts'

const tag = 'People'
const status = z.enum(PERSON_STATUSES)
const birthDate = z
  .string()
  .regex(/^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/)
  .describe('YYYY, YYYY-MM or YYYY-MM-DD: as much as is known')
const nameKind = z.enum(['main', 'birth', 'alias', 'spelling'])
const link = z.enum(['same', 'not_same'])
const MAX_NAMES = 30
const MAX_SPLIT_FACES = 500

const nameInput = z
  .object({
    kind: nameKind,
    given: line.optional(),
    patronymic: line.optional(),
    family: line.optional(),
    written: line.optional().describe('The whole name as it is written; made of the parts when left out'),
  })
  .refine(({ given, patronymic, family, written }) => written ?? given ?? patronymic ?? family, {
    message: 'expected at least one part of the name',
  })
const personInput = z.object({
  ref: line.nullable().optional().describe("The agency's own reference"),
  names: z.array(nameInput).max(MAX_NAMES).optional().describe('All names; replaces those of before'),
  status: status.optional(),
  birthDate: birthDate.nullable().optional(),
  birthApproximate: z.boolean().optional(),
  affiliation: line.nullable().optional().describe('Unit, employer, organisation'),
  note: text.nullable().optional(),
  anteMortem: dviForm('ante').optional().describe('Fields of the ante-mortem form; replaces the whole form'),
  postMortem: dviForm('post').optional().describe('Fields of the post-mortem form; replaces the whole form'),
})
const dviEntries = z.array(z.object({ section: z.enum(DVI_SECTIONS), field: z.string(), value: z.string() }))

const change = z.object({
  id,
  kind: z.enum(['merge', 'split']),
  fromId: id,
  toId: id,
  faces: z.int(),
  reason: z.string(),
  changedBy: z.string(),
  changedAt: time,
  undoneBy: z.string().nullable(),
  undoneAt: time.nullable(),
  undoReason: z.string().nullable(),
})
const person = z
  .object({
    id,
    ref: z.string().nullable(),
    importedName: z.string().nullable().describe('As a manifest named the person'),
    names: z.array(
      z.object({
        id,
        kind: nameKind,
        given: z.string().nullable(),
        patronymic: z.string().nullable(),
        family: z.string().nullable(),
        written: z.string(),
        script: z.enum(['Cyrl', 'Latn', 'Zyyy']).describe('ISO 15924; Zyyy: others and mixtures'),
        romanised: z
          .string()
          .nullable()
          .describe('Cyrillic names by the resolution of 2010 (Ukrainian) or ICAO Doc 9303'),
      }),
    ),
    status: status.nullable().describe('null: only an import has named this person so far'),
    birthDate: z.string().nullable(),
    birthApproximate: z.boolean(),
    affiliation: z.string().nullable(),
    note: z.string().nullable(),
    anteMortem: dviEntries,
    postMortem: dviEntries,
    retired: z.boolean().describe('Merged into another record, or made by a split that was undone'),
    createdAt: time,
    createdBy: z.string(),
    changedAt: time.nullable(),
    changedBy: z.string().nullable(),
    faces: z.array(
      z.object({
        faceId: id,
        mediaId: id.nullable().describe('Null where the agency may not see the photo (any more)'),
        link,
        origin: z.enum(['manifest', 'examiner']),
        linkedBy: z.string(),
        linkedAt: time,
        box: box.nullable().describe('Pixels of the upright original; null with `mediaId`'),
        visible: z.boolean().describe('Whether the agency may see the photo'),
        sensitive: z.boolean(),
      }),
    ),
    changes: z.array(change).describe('Merges and splits, oldest first'),
  })
  .meta({ id: 'Person' })

/** Records of people: names, forms, faces, merge and split. */
export const personEndpoints = defineEndpoints({
  listPeople: {
    method: 'GET',
    path: '/people',
    access: 'person.read',
    tag,
    summary: 'People of the agency, newest first; with a name, those with the most similar name first',
    query: pageQuery.extend({
      name: line.optional().describe('In any script, order and spelling; one page, no `next`'),
      status: status.optional(),
    }),
    reply: page(
      z.object({
        id,
        ref: z.string().nullable(),
        names: z.array(z.string()),
        status: status.nullable(),
        birthDate: z.string().nullable(),
        affiliation: z.string().nullable(),
        faces: z.int(),
        nameScore: z.number().nullable().describe('0 to 1, how alike the name is'),
      }),
    ),
  },
  createPerson: {
    method: 'POST',
    path: '/people',
    access: 'person.change',
    tag,
    summary: 'Open a record of a person',
    body: personInput.extend({ status }),
    reply: person,
    status: 201,
    idempotent: true,
  },
  showPerson: {
    method: 'GET',
    path: '/people/:id',
    access: 'person.read',
    tag,
    summary: 'One person; the look is written down',
    params: idParams,
    reply: person,
  },
  changePerson: {
    method: 'PUT',
    path: '/people/:id',
    access: 'person.change',
    tag,
    summary: 'Change what stands about a person; what is left out stays',
    params: idParams,
    body: personInput,
    reply: person,
  },
  linkFace: {
    method: 'PUT',
    path: '/people/:id/faces/:faceId',
    access: 'person.change',
    tag,
    summary: 'Say that a face is of this person, or that it is not',
    params: idParams.extend({ faceId: id }),
    body: z.object({ link }),
    reply: person,
  },
  unlinkFace: {
    method: 'DELETE',
    path: '/people/:id/faces/:faceId',
    access: 'person.change',
    tag,
    summary: 'Take back what was said of a face and this person',
    params: idParams.extend({ faceId: id }),
    reply: person,
  },
  showPersonFace: {
    method: 'GET',
    path: '/people/:id/faces/:faceId/picture',
    access: 'person.read',
    tag,
    summary: 'The picture of a face, sensitive ones blurred unless revealed; the look is written down',
    params: idParams.extend({ faceId: id }),
    query: pictureQuery.extend({ reveal }),
    stream: 'image/jpeg',
  },
  mergePeople: {
    method: 'POST',
    path: '/people/:id/merges',
    access: 'person.merge',
    tag,
    summary: 'Merge another record of the same human being into this one; can be undone',
    params: idParams,
    body: z.object({ otherId: id, reason: text }),
    reply: person,
  },
  splitPerson: {
    method: 'POST',
    path: '/people/:id/splits',
    access: 'person.merge',
    tag,
    summary: 'Split faces of somebody else off into a record of their own, which is returned; can be undone',
    params: idParams,
    body: z
      .object({
        faces: z.array(id).min(1).max(MAX_SPLIT_FACES),
        name: line.optional().describe('Of the new record; it needs a name or a number'),
        ref: line.optional().describe("The agency's own number of the new record"),
        reason: text,
      })
      .refine(({ name, ref }) => name ?? ref, { message: 'expected a name or a number' }),
    reply: person,
    status: 201,
  },
  undoPersonChange: {
    method: 'POST',
    path: '/person-changes/:id/undo',
    access: 'person.merge',
    tag,
    summary: 'Undo a merge or split; returns the person that faces went back to',
    params: idParams,
    body: z.object({ reason: text }),
    reply: person,
  },
})
