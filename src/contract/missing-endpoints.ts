import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { ENQUIRY_CHANNELS, ENQUIRY_STATES, POSTER_FACTS, RECORD_BASES } from './missing-words.ts'
import { PERSON_STATUSES } from './person-words.ts'
import { box, pictureQuery, quality, reveal } from './picture-shapes.ts'
import { day, id, idParams, line, page, pageQuery, text, time } from './values.ts'

const tag = 'Missing persons and enquiries'
const MAX_FACES = 200
const MAX_COORDINATE = 100_000

export const partialDate = z
  .string()
  .regex(/^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/)
  .describe('YYYY, YYYY-MM or YYYY-MM-DD: as much as is known')
const yesNo = z.enum(['yes', 'no'])
const channel = z.enum(ENQUIRY_CHANNELS)
const photoParams = idParams.extend({ photoId: id })

/** Ten numbers: x and y of right eye, left eye, nose tip, right and left mouth corner, with commas between. */
const pointList = z
  .string()
  .regex(/^\d+(\.\d+)?(,\d+(\.\d+)?){9}$/)
  .transform((list) => list.split(',').map(Number))
  .refine((numbers) => numbers.every((number) => number <= MAX_COORDINATE), {
    message: `expected numbers up to ${MAX_COORDINATE}`,
  })

const disappearance = z.object({
  lastSeenOn: partialDate.nullable(),
  lastSeenPlace: line.nullable(),
  marks: text.nullable(),
  clothing: text.nullable(),
  circumstances: text.nullable(),
  photoUrls: text.nullable().describe('As another register named them, one a line; nothing is fetched'),
  basis: z.enum(RECORD_BASES),
  basisDetail: text.describe('Who consented and when, or under what law'),
  mayPublish: z.boolean().describe('Whether these facts may be shown in public, on a poster'),
  keepUntil: day.nullable().describe('The record of the person is erased after this day'),
})

const contactFacts = z.object({
  name: line,
  relation: line.nullable(),
  telephone: line.nullable(),
  email: line.nullable(),
  address: text.nullable(),
  note: text.nullable(),
})

const personPhoto = z
  .object({
    id,
    personId: id,
    sha256: z.string(),
    format: z.string(),
    widthPx: z.int(),
    heightPx: z.int(),
    takenOn: partialDate.nullable(),
    note: z.string().nullable(),
    mayPublish: z.boolean(),
    box: box.describe('Of the person’s face, pixels of the upright original'),
    faceOrigin: z.enum(['detector', 'examiner']),
    quality,
    sensitive: z.boolean().describe('Blurred unless revealed: the person is dead or detained'),
    addedBy: z.string(),
    addedAt: time,
  })
  .meta({ id: 'PersonPhoto' })

const listedEnquiry = z.object({
  id,
  number: z.string(),
  personId: id,
  personNames: z.array(z.string()),
  enquirer: z.string(),
  relation: z.string(),
  receivedOn: day,
  channel,
  state: z.enum(ENQUIRY_STATES),
  openedBy: z.string(),
  openedAt: time,
  changedAt: time,
})
const enquiry = listedEnquiry
  .extend({
    telephone: z.string().nullable(),
    email: z.string().nullable(),
    address: z.string().nullable(),
    question: z.string(),
    answers: z.array(
      z.object({
        id,
        answer: z.string(),
        givenBy: z.string(),
        givenOn: day,
        channel,
        recordedBy: z.string(),
        recordedAt: time,
      }),
    ),
  })
  .meta({ id: 'Enquiry' })

/** People who are looked for: how they went missing, photos, contacts, files of people, posters; what families ask. */
export const missingEndpoints = defineEndpoints({
  showDisappearance: {
    method: 'GET',
    path: '/people/:id/disappearance',
    access: 'person.read',
    tag,
    summary: 'How a person went missing or was found; null when nobody wrote it down',
    params: idParams,
    reply: z.object({
      disappearance: disappearance.extend({ changedBy: z.string(), changedAt: time }).nullable(),
    }),
  },
  saveDisappearance: {
    method: 'PUT',
    path: '/people/:id/disappearance',
    access: 'person.change',
    tag,
    summary: 'Write down how a person went missing or was found, in place of what stood there',
    params: idParams,
    body: disappearance,
    reply: disappearance.extend({ changedBy: z.string(), changedAt: time }),
  },
  lookAtPhoto: {
    method: 'POST',
    path: '/people/:id/photo-faces',
    access: 'person.change',
    shutToVerifiers: true,
    tag,
    summary: 'Faces in a photo, to say which is the person’s; the body is the file, and nothing is kept',
    params: idParams,
    photoBody: true,
    reply: z.object({
      widthPx: z.int(),
      heightPx: z.int(),
      faces: z.array(z.object({ number: z.int(), box, quality })),
    }),
  },
  listPersonPhotos: {
    method: 'GET',
    path: '/people/:id/photos',
    access: 'person.read',
    tag,
    summary: 'Photos of a person, oldest picture first',
    params: idParams,
    reply: z.array(personPhoto),
  },
  addPersonPhoto: {
    method: 'POST',
    path: '/people/:id/photos',
    access: 'person.change',
    shutToVerifiers: true,
    tag,
    summary: 'Add a photo of a person who is looked for; the body is the file',
    params: idParams,
    query: z.object({
      face: z.coerce.number().int().min(1).max(MAX_FACES).optional().describe('Which face, from the left'),
      points: pointList
        .optional()
        .describe('Instead: five points marked by hand, x,y,… of the upright original'),
      takenOn: partialDate.optional(),
      note: line.optional(),
      mayPublish: yesNo.default('no'),
    }),
    photoBody: true,
    reply: personPhoto,
    status: 201,
    idempotent: true,
  },
  changePersonPhoto: {
    method: 'PUT',
    path: '/people/:id/photos/:photoId',
    access: 'person.change',
    tag,
    summary: 'Change what is said of a photo; what is left out stays',
    params: photoParams,
    body: z.object({
      takenOn: partialDate.nullable().optional(),
      note: line.nullable().optional(),
      mayPublish: z.boolean().optional(),
    }),
    reply: personPhoto,
  },
  erasePersonPhoto: {
    method: 'POST',
    path: '/people/:id/photos/:photoId/erasure',
    access: 'person.change',
    tag,
    summary: 'Erase a photo of a person with its template; a tombstone remains',
    params: photoParams,
    body: z.object({ reason: text }),
  },
  showPersonPhoto: {
    method: 'GET',
    path: '/people/:id/photos/:photoId/picture',
    access: 'person.read',
    tag,
    summary: 'The picture, sensitive ones blurred unless revealed; the look is written down',
    params: photoParams,
    query: pictureQuery.extend({ part: z.enum(['face', 'whole']).default('face'), reveal }),
    stream: 'image/jpeg',
  },
  listContacts: {
    method: 'GET',
    path: '/people/:id/contacts',
    access: 'contact.read',
    tag,
    summary: 'Whom to turn to about a person; the look is written down',
    params: idParams,
    reply: z.array(contactFacts.extend({ id, addedBy: z.string(), addedAt: time })),
  },
  addContact: {
    method: 'POST',
    path: '/people/:id/contacts',
    access: 'contact.change',
    tag,
    summary: 'Add a contact',
    params: idParams,
    body: contactFacts,
  },
  removeContact: {
    method: 'DELETE',
    path: '/people/:id/contacts/:contactId',
    access: 'contact.change',
    tag,
    summary: 'Remove a contact',
    params: idParams.extend({ contactId: id }),
  },
  importPeople: {
    method: 'POST',
    path: '/people/imports',
    access: 'person.import',
    tag,
    summary:
      'Take people from a CSV or PFIF (1.1 to 1.4) file, which is the body; references that are held are left as they are',
    query: z.object({
      status: z.enum(PERSON_STATUSES).default('missing').describe('For rows that say none'),
      basis: z.enum(RECORD_BASES),
      basisDetail: line.describe('For rows that say none: who consented, or under what law'),
      dryRun: yesNo.default('no'),
    }),
    photoBody: true,
    reply: z.object({
      format: z.enum(['csv', 'pfif']),
      created: z.int(),
      held: z.int(),
      refused: z.int(),
      contactsLeftOut: z.int().describe('Contacts that only liaison may write'),
      rows: z.array(
        z.object({
          row: z.int(),
          ref: z.string().nullable(),
          name: z.string().nullable(),
          outcome: z.enum(['created', 'held', 'refused']),
          personId: id.nullable(),
          reason: z.string().nullable(),
        }),
      ),
    }),
  },
  exportPeople: {
    method: 'GET',
    path: '/people/export',
    access: 'person.export',
    tag,
    summary:
      'People of a status as CSV, or as PFIF 1.4 for public registers; no contacts, photos or enquiries',
    query: z.object({
      format: z.enum(['csv', 'pfif']).default('csv'),
      status: z.enum(PERSON_STATUSES).default('missing'),
    }),
    stream: 'application/octet-stream',
  },
  makePoster: {
    method: 'POST',
    path: '/people/:id/poster',
    access: 'poster.make',
    tag,
    summary:
      'A poster (PDF) of somebody who is missing, of a photo and facts whose publication was agreed to',
    params: idParams,
    body: z.object({
      photoId: id,
      facts: z.array(z.enum(POSTER_FACTS)).max(POSTER_FACTS.length),
      contact: line.describe('Whom to tell, as it stands on the poster'),
      language: z.enum(['en', 'uk']),
    }),
    stream: 'application/pdf',
  },
  listEnquiries: {
    method: 'GET',
    path: '/enquiries',
    access: 'enquiry.read',
    tag,
    summary: 'What families ask, newest first',
    query: pageQuery.extend({ state: z.enum(ENQUIRY_STATES).optional(), personId: id.optional() }),
    reply: page(listedEnquiry),
  },
  openEnquiry: {
    method: 'POST',
    path: '/enquiries',
    access: 'enquiry.change',
    tag,
    summary: 'Write down what somebody asks about a person',
    body: z.object({
      personId: id,
      enquirer: line,
      relation: line.describe('To the person sought'),
      telephone: line.nullable(),
      email: line.nullable(),
      address: text.nullable(),
      receivedOn: day,
      channel,
      question: text,
    }),
    reply: enquiry,
    status: 201,
    idempotent: true,
  },
  showEnquiry: {
    method: 'GET',
    path: '/enquiries/:id',
    access: 'enquiry.read',
    tag,
    summary: 'One enquiry with its answers; the look is written down',
    params: idParams,
    reply: enquiry,
  },
  recordAnswer: {
    method: 'POST',
    path: '/enquiries/:id/answers',
    access: 'enquiry.change',
    tag,
    summary: 'Write down an answer that was given outside the system, and by whom',
    params: idParams,
    body: z.object({ answer: text, givenBy: line, givenOn: day, channel }),
    reply: enquiry,
    status: 201,
  },
  changeEnquiryState: {
    method: 'PUT',
    path: '/enquiries/:id/state',
    access: 'enquiry.change',
    tag,
    summary: 'Close an enquiry, or open it again',
    params: idParams,
    body: z.object({ state: z.enum(['open', 'closed']), reason: text }),
    reply: enquiry,
  },
})
