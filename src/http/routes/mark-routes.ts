import { listMarks, markCandidate } from '../../cases/mark-candidate.ts'
import { addNote, listNotes, removeNote } from '../../cases/note-on-picture.ts'
import type { markEndpoints, NoteShape } from '../../contract/mark-endpoints.ts'
import type { CandidateNoteTable } from '../../store/tables/search-tables.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'

/** Marks on candidates, and notes drawn on the pictures of a comparison. */
export function markRoutes(ctx: HttpContext): HandlersOf<typeof markEndpoints> {
  return {
    async listMarks({ actor, params }) {
      const rows = await listMarks(ctx, actor, { searchId: params.id })
      return rows.map((row) => ({
        rank: row.rank,
        mark: row.mark,
        accountId: row.account_id,
        markedBy: row.marked_by,
        markedAt: row.marked_at,
      }))
    },
    markCandidate: async ({ actor, params: { id, rank }, body }) =>
      markCandidate(ctx, actor, { searchId: id, rank, mark: body.mark ?? undefined }),
    async listNotes({ actor, params: { id, rank } }) {
      return (await listNotes(ctx, actor, { searchId: id, rank })).map(noteReply)
    },
    async addNote({ actor, params: { id, rank }, body: { probeFaceId, shape, words } }) {
      return noteReply(await addNote(ctx, actor, { searchId: id, rank, probeFaceId, shape, words }))
    },
    removeNote: async ({ actor, params: { id, rank, noteId } }) =>
      removeNote(ctx, actor, { searchId: id, rank, noteId }),
  }
}

function noteReply(row: CandidateNoteTable) {
  return {
    id: row.id,
    picture: row.picture,
    probeFaceId: row.probe_face_id,
    shape: JSON.parse(row.shape) as NoteShape,
    words: row.words,
    accountId: row.account_id,
    notedBy: row.noted_by,
    notedAt: row.noted_at,
  }
}
