import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { remark, verdict } from './picture-shapes.ts'
import { id, idParams, line, text, time } from './values.ts'

const tag = 'Imports'
export const itemState = z.enum(['waiting', 'done', 'duplicate', 'no_face', 'unreadable', 'failed'])

const OTHER_CLAIMS = z.record(z.string().min(1).max(200), z.string().max(4000))

const upload = z.object({
  id,
  received: z.int().describe('Bytes that have come: send on from here'),
  byteLength: z.int(),
  isComplete: z.boolean().describe('It is taken in, or is being read: see the items of the import'),
})

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const oneImport = z.object({
  id,
  isUpload: z.boolean().describe('Its files are sent one by one; an unfinished one can be gone on with so'),
  announced: z.int().nullable().describe('Files that were said to come; null: nobody said'),
  total: z
    .int()
    .nullable()
    .describe('Files that were announced, or listed when that is more; null: nobody knows yet'),
  startedAt: time,
  startedBy: z.string(),
  finishedAt: time.nullable().describe('null: more files may come'),
  phase: z
    .enum(['receiving', 'left', 'reading', 'ended'])
    .describe(
      'left: nothing came for a minute, it can be gone on with; reading: all came, the service reads',
    ),
  counts: z.record(itemState, z.int()),
  notReceived: z.int().describe('Files that were announced and of which nothing came'),
  videos: z
    .array(
      z.object({
        name: z.string(),
        timeS: z.number(),
        durationS: z.number().nullable(),
        frames: z.int(),
        faces: z.int(),
      }),
    )
    .describe('Videos that are being read, and how far they are'),
})

const item = z.object({
  ordinal: z.int(),
  name: z.string(),
  state: itemState,
  reason: z.string().nullable(),
  detail: z.string().nullable().describe('A sentence for people, in English'),
  mediaId: id.nullable(),
  remarks: z.array(remark).describe('How its file was read, when not whole'),
})

/** Also the data of the event `imports` in the stream of events. */
export const runningImport = oneImport.extend({ collectionId: id, collectionTitle: z.string() })

/** Imports whose files are sent one by one. */
export const importEndpoints = defineEndpoints({
  listImports: {
    method: 'GET',
    path: '/collections/:id/imports',
    access: 'collection.import',
    tag,
    summary: 'Imports into an own collection, newest first',
    params: idParams,
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(20) }),
    reply: z.array(oneImport),
  },
  startImport: {
    method: 'POST',
    path: '/collections/:id/imports',
    access: 'collection.import',
    tag,
    summary: 'Begin an import into an own collection',
    params: idParams,
    body: z.object({
      files: z.int().min(0).max(1_000_000).optional().describe('How many will be sent, for progress'),
    }),
    reply: oneImport,
    status: 201,
  },
  listRunningImports: {
    method: 'GET',
    path: '/imports',
    access: 'collection.import',
    tag,
    summary: "Imports into the agency's collections that have not ended, newest first",
    reply: z.array(runningImport),
  },
  importFile: {
    method: 'POST',
    path: '/imports/:id/files',
    access: 'collection.import',
    tag,
    summary:
      'Send one photo of an import; the body is the file. The same name again is the same file: what was taken in stays so, what failed is tried again',
    params: idParams,
    query: z.object({
      name: line.describe('Name with its folders'),
      sourceUrl: line.optional(),
      capturedAt: line.optional().describe('As the importer has it'),
      collector: line.optional(),
      licence: line.optional(),
      note: text.max(2000).optional(),
      sensitive: z.enum(['yes', 'no']).optional(),
      personName: line.optional().describe('Whom the importer says it shows'),
      personRef: line.optional().describe("The importer's own reference of that person"),
      other: z
        .string()
        .max(8000)
        .optional()
        .describe('What else the importer has of it: a JSON object of texts')
        .transform((text, ctx) => {
          if (text === undefined) return undefined
          const parsed = OTHER_CLAIMS.safeParse(jsonOf(text))
          if (parsed.success) return parsed.data
          ctx.addIssue({ code: 'custom', message: 'expected a JSON object of texts' })
          return z.NEVER
        }),
    }),
    photoBody: true,
    reply: item,
  },
  beginUpload: {
    method: 'POST',
    path: '/imports/:id/uploads',
    access: 'collection.import',
    tag,
    summary:
      'Begin to send a video or a web archive (WARC, WACZ, MHTML, saved page) of any size in parts, or find out how far the same one came; after the last part the service reads it, without the sender',
    params: idParams,
    body: z.object({
      name: line.describe('Name with its folders'),
      byteLength: z.int().min(1),
      sourceUrl: line.optional(),
      capturedAt: line.optional(),
      collector: line.optional(),
      licence: line.optional(),
      note: text.max(2000).optional(),
    }),
    reply: upload,
  },
  sendPart: {
    method: 'POST',
    path: '/uploads/:id/parts',
    access: 'collection.import',
    tag,
    summary: 'Send the next part of a file; the body is its bytes. What has come already is passed over',
    params: idParams,
    query: z.object({ at: z.coerce.number().int().min(0).describe('Place of the first byte') }),
    photoBody: true,
    reply: upload,
  },
  finishUpload: {
    method: 'POST',
    path: '/uploads/:id/finish',
    access: 'collection.import',
    tag,
    summary: 'Say that the last part was sent; the file waits to be read',
    params: idParams,
    body: z.object({}),
    reply: z.object({ name: z.string(), state: itemState }),
    status: 202,
  },
  listImportArchives: {
    method: 'GET',
    path: '/imports/:id/archives',
    access: 'collection.import',
    tag,
    summary: 'Web archives that an import opened, and what checking them came to',
    params: idParams,
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(200) }),
    reply: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['warc', 'wacz', 'mhtml', 'saved_page']),
        sha256: z.string(),
        files: z.int().describe('Pictures and videos that were listed out of it'),
        records: z.int(),
        pages: z.int(),
        packageVerdict: verdict,
        signatureVerdict: verdict,
        problems: z.array(z.string()),
      }),
    ),
  },
  finishImport: {
    method: 'POST',
    path: '/imports/:id/finish',
    access: 'collection.import',
    tag,
    summary:
      'End an import; what was begun and not taken in stays listed as failed, and what was not sent too',
    params: idParams,
    body: z.object({
      unsent: z
        .array(
          z.object({ name: line, state: z.enum(['unreadable', 'failed']), detail: z.string().max(1000) }),
        )
        .max(1000)
        .optional()
        .describe('Files that were chosen and not sent, with the reason'),
    }),
    reply: oneImport,
  },
  listImportItems: {
    method: 'GET',
    path: '/imports/:id/items',
    access: 'collection.import',
    tag,
    summary: 'Files of an import with what came of each',
    params: idParams,
    query: z.object({
      state: itemState.optional(),
      after: z.coerce.number().int().min(-1).default(-1).describe('Ordinal to go on after'),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    reply: z.array(item),
  },
})
