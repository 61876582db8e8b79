import type { AccountActor, Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { NoteShape } from '../contract/mark-endpoints.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { CandidateNoteTable, SearchTable } from '../store/tables/search-tables.ts'
import type { Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { searchOfCandidate } from './mark-candidate.ts'
import { findSearch } from './show-search.ts'

/** Notes on one pair of pictures; more would hide the faces. */
const MOST_NOTES = 200

interface Pair {
  searchId: string
  rank: number
}

/** Notes on the pictures of one comparison, oldest first. @throws AppError `not_found` */
export async function listNotes(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: Pair,
): Promise<CandidateNoteTable[]> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  const search = await findSearch(db, actor, input.searchId)
  const rows = await db
    .selectFrom('candidate_note')
    .selectAll()
    .where('search_id', '=', search.id)
    .where('rank', '=', input.rank)
    .orderBy('id')
    .execute()
  return rows.map((row) => checkedRow('candidate_note', row, row.id))
}

export interface NoteInput extends Pair {
  /** Of the search; undefined: the note is on the candidate. */
  probeFaceId: string | undefined
  /** Pixels of the upright original, or of the probe after its steps. */
  shape: NoteShape
  words: string
}

/**
 * Keeps a note that somebody drew on a picture. The picture itself stays untouched; notes are laid over it.
 * @throws AppError `not_found`, `conflict` when the case is closed, `limit_exceeded`
 */
export async function addNote(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: NoteInput,
): Promise<CandidateNoteTable> {
  authorize(actor, 'search.mark')
  return ctx.store.db.transaction().execute(async (tx) => {
    const search = await searchOfCandidate(tx, actor, input)
    const { probeFaceId, rank } = input
    if (probeFaceId !== undefined && !(JSON.parse(search.probe_faces) as string[]).includes(probeFaceId)) {
      throw new AppError('not_found', 'This search was not made with that face.')
    }
    const { count } = await tx
      .selectFrom('candidate_note')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('search_id', '=', search.id)
      .where('rank', '=', rank)
      .executeTakeFirstOrThrow()
    if (count >= MOST_NOTES)
      throw new AppError('limit_exceeded', `A comparison has at most ${MOST_NOTES} notes.`)
    const row = withDigest('candidate_note', {
      id: newId(),
      search_id: search.id,
      rank,
      picture: probeFaceId === undefined ? ('candidate' as const) : ('probe' as const),
      probe_face_id: probeFaceId ?? null,
      shape: JSON.stringify(input.shape),
      words: input.words,
      account_id: actor.accountId,
      noted_by: actor.name,
      noted_at: nowIso(),
    })
    await tx.insertInto('candidate_note').values(row).execute()
    await writeEvent(tx, actor, search, 'candidate.note', { rank, note: row.id })
    return row
  })
}

/** Takes away a note of one's own. @throws AppError `not_found`, `not_allowed` for those of others, `conflict` */
export async function removeNote(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: Pair & { noteId: string },
): Promise<void> {
  authorize(actor, 'search.mark')
  await ctx.store.db.transaction().execute(async (tx) => {
    const search = await searchOfCandidate(tx, actor, input)
    const row = await tx
      .selectFrom('candidate_note')
      .select('account_id')
      .where('id', '=', input.noteId)
      .where('search_id', '=', search.id)
      .where('rank', '=', input.rank)
      .executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', 'There is no such note.')
    if (row.account_id !== actor.accountId)
      throw new AppError('not_allowed', 'Only whoever drew a note takes it away.')
    await tx.deleteFrom('candidate_note').where('id', '=', input.noteId).execute()
    await writeEvent(tx, actor, search, 'candidate.remove_note', { rank: input.rank, note: input.noteId })
  })
}

async function writeEvent(
  tx: Tx,
  actor: AccountActor,
  search: SearchTable,
  action: string,
  details: { rank: number; note: string },
): Promise<void> {
  await appendAuditEvent(tx, actor, {
    action,
    agencyId: actor.agencyId,
    subject: `search ${search.id}`,
    caseId: search.case_id,
    purpose: search.purpose,
    details,
  })
}
