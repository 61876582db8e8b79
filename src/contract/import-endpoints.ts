import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { verdict } from './picture-shapes.ts'
import { id, idParams, line, text, time } from './values.ts'

const tag = 'Imports'
export const itemState = z.enum(['waiting', 'done', 'duplicate', 'no_face', 'unreadable', 'failed'])

const OTHER_CLAIMS = z.record(z.string().min(1).max(200), z.string().max(4000))

/** Larger archives are imported with the command, on the machine that holds the record. */
export const MAX_UPLOADED_ARCHIVE_BYTES = 8 * 1024 * 1024 * 1024

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
  total: z.int().nullable().describe('Files that were announced, or listed; null: nobody knows yet'),
  startedAt: time,
  startedBy: z.string(),
  finishedAt: time.nullable().describe('null: more files may come'),
  counts: z.record(itemState, z.int()),
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
  sendArchivePart: {
    method: 'POST',
    path: '/imports/:id/archive/parts',
    access: 'collection.import',
    tag,
    summary:
      'Send a piece of a web archive (WARC, WACZ, MHTML, saved page), in order; the reply says from where to go on, also when the piece was not the one that was due',
    params: idParams,
    query: z.object({
      at: z.coerce.number().int().min(0).max(MAX_UPLOADED_ARCHIVE_BYTES).describe('Bytes sent before'),
    }),
    photoBody: true,
    reply: z.object({ received: z.int().describe('Bytes that the service has') }),
  },
  openArchive: {
    method: 'POST',
    path: '/imports/:id/archive',
    access: 'collection.import',
    tag,
    summary:
      'What was sent is a whole archive: check it, keep it, and list what it holds as files of the import',
    params: idParams,
    body: z.object({ name: line.describe('Its file name'), bytes: z.int().min(1) }),
    reply: z.object({
      kind: z.enum(['warc', 'wacz', 'mhtml', 'saved_page']),
      files: z.int(),
      pages: z.int(),
      packageVerdict: verdict,
      signatureVerdict: verdict,
      problems: z.array(z.string()),
    }),
  },
  workOnArchive: {
    method: 'POST',
    path: '/imports/:id/archive/work',
    access: 'collection.import',
    tag,
    summary: 'Take in the next files of archives that were opened, for some seconds; again until none waits',
    params: idParams,
    body: z.object({}),
    reply: oneImport,
  },
  finishImport: {
    method: 'POST',
    path: '/imports/:id/finish',
    access: 'collection.import',
    tag,
    summary: 'End an import; what was begun and not taken in stays listed as failed',
    params: idParams,
    body: z.object({}),
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
