import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { id, time } from './values.ts'

const tag = 'Probes and searches'
const LARGEST_RANK = 1000
/** Points of a line drawn by hand. */
const MOST_POINTS = 400
const LONGEST_NOTE = 500

const rank = z.coerce.number().int().min(1).max(LARGEST_RANK)
const candidateParams = z.object({ id, rank })
/** Pixels of the picture: the upright original of a candidate, a probe after its steps. */
const px = z.number().min(-1e6).max(1e6)
const point = z.object({ x: px, y: px })

/** What can be drawn on a picture. */
export const noteShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('arrow'), from: point, to: point }),
  z.object({ kind: z.literal('ellipse'), centre: point, radiusX: px.min(0), radiusY: px.min(0) }),
  z.object({ kind: z.literal('line'), points: z.array(point).min(2).max(MOST_POINTS) }),
])

export type NoteShape = z.infer<typeof noteShape>

const note = z.object({
  id,
  picture: z.enum(['probe', 'candidate']),
  probeFaceId: id.nullable().describe('On which probe, when there are several'),
  shape: noteShape,
  words: z.string(),
  accountId: id,
  notedBy: z.string(),
  notedAt: time,
})

/** Marks on candidates, and notes drawn on the pictures of a comparison. */
export const markEndpoints = defineEndpoints({
  listMarks: {
    method: 'GET',
    path: '/searches/:id/marks',
    access: 'search.read',
    boundKeys: true,
    tag,
    summary: 'What those who work on the case have marked in a candidate list',
    params: z.object({ id }),
    reply: z.array(
      z.object({
        rank: z.int(),
        mark: z.enum(['later', 'rejected']),
        accountId: id,
        markedBy: z.string(),
        markedAt: time,
      }),
    ),
  },
  markCandidate: {
    method: 'PUT',
    path: '/searches/:id/candidates/:rank/mark',
    access: 'search.mark',
    boundKeys: true,
    tag,
    summary: 'Mark a candidate for later or as rejected, or take the mark away; no conclusion',
    params: candidateParams,
    body: z.object({ mark: z.enum(['later', 'rejected']).nullable() }),
  },
  listNotes: {
    method: 'GET',
    path: '/searches/:id/candidates/:rank/notes',
    access: 'search.read',
    boundKeys: true,
    tag,
    summary: 'Notes drawn on the pictures of a comparison',
    params: candidateParams,
    reply: z.array(note),
  },
  addNote: {
    method: 'POST',
    path: '/searches/:id/candidates/:rank/notes',
    access: 'search.mark',
    boundKeys: true,
    tag,
    summary: 'Draw a note on the probe or the candidate; the pictures stay as they are',
    params: candidateParams,
    body: z.object({
      probeFaceId: id.optional().describe('On this face of the probe; without: on the candidate'),
      shape: noteShape,
      words: z.string().trim().max(LONGEST_NOTE),
    }),
    reply: note,
    status: 201,
  },
  removeNote: {
    method: 'DELETE',
    path: '/searches/:id/candidates/:rank/notes/:noteId',
    access: 'search.mark',
    boundKeys: true,
    tag,
    summary: 'Take away an own note',
    params: candidateParams.extend({ noteId: id }),
  },
})
