import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import { peopleKeptBlind } from '../actor/blind-scope.ts'
import type { Context } from '../context.ts'
import type { PersonStatus } from '../contract/person-words.ts'
import { AppError } from '../errors.ts'
import { foldName, keysOf } from './fold-name.ts'
import { foldedSimilarity } from './name-similarity.ts'
import { indexImported, personsUnder } from './name-index.ts'
import { namesOf } from '../store/person-names.ts'

/** Persons whose names are compared for one search. */
const MAX_COMPARED = 2000
/** Comparing goes on so long before the event loop gets a turn. */
const TURN_MS = 5
/** Words of known names compared for one search: as many persons have a third of it. */
const MAX_WORDS_COMPARED = 20_000
/** Names that are less alike are not shown. */
const LEAST_SCORE = 0.8
const MAX_QUERY_WORDS = 12

export interface ListedPerson {
  id: string
  ref: string | null
  names: string[]
  /** Null for persons that only an import has named. */
  status: PersonStatus | null
  birthDate: string | null
  affiliation: string | null
  faces: number
  /** How alike the name is to the one that was looked for, 0 to 1; null without one. */
  nameScore: number | null
}

export interface ListPeopleInput {
  /** Looked for in any script, order and spelling; see [Note: name keys]. */
  name: string | undefined
  status: PersonStatus | undefined
  /** Id of the last one seen; only without a name. */
  before: string | undefined
  limit: number
}

/**
 * Persons of the agency: newest first, or, with a name, those with the most similar name first. Those that were merged
 * away are not listed. A search for a name is written into the audit log, without the name.
 */
export async function listPeople(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: ListPeopleInput,
): Promise<ListedPerson[]> {
  authorize(actor, 'person.read')
  const agencyId = agencyOf(actor)
  if (input.name === undefined) {
    return describe(ctx, actor, input, undefined)
  }
  const words = foldName(input.name)
  if (words.length === 0 || words.length > MAX_QUERY_WORDS) {
    throw new AppError('bad_input', `Expected a name of 1 to ${MAX_QUERY_WORDS} words with letters in it.`)
  }
  const { db } = ctx.store
  await indexImported(db, agencyId)
  const ids = await personsUnder(db, agencyId, words.flatMap(keysOf), MAX_COMPARED)
  const names = await namesOf(db, ids)
  const scores = new Map<string, number>()
  let turnBegan = performance.now()
  let compared = 0
  for (const [id, known] of names) {
    let score = 0
    for (const name of known) {
      if (performance.now() - turnBegan > TURN_MS) {
        await nextTurn()
        turnBegan = performance.now()
      }
      const folded = foldName(name)
      compared += folded.length
      score = Math.max(score, foldedSimilarity(words, folded))
    }
    if (score >= LEAST_SCORE) scores.set(id, score)
    if (compared >= MAX_WORDS_COMPARED) break
  }
  const found = await describe(ctx, actor, input, scores)
  await recordEvent(db, actor, {
    action: 'person.find',
    agencyId,
    subject: undefined,
    details: { found: found.length, ...(input.status === undefined ? {} : { status: input.status }) },
  })
  return found
}

async function describe(
  { store: { db } }: Pick<Context, 'store'>,
  actor: AccountActor,
  { status, before, limit }: ListPeopleInput,
  scores: ReadonlyMap<string, number> | undefined,
): Promise<ListedPerson[]> {
  let query = db
    .selectFrom('person')
    .leftJoin('person_record', 'person_record.id', 'person.id')
    .select(['person.id', 'person.ref', 'person_record.status', 'person_record.birth_date'])
    .select(['person_record.affiliation'])
    .where('person.agency_id', '=', agencyOf(actor))
    .where('person.id', 'not in', peopleKeptBlind(db, actor.accountId))
    .where('person_record.retired_by', 'is', null)
    .orderBy('person.id', 'desc')
  if (status !== undefined) query = query.where('person_record.status', '=', status)
  if (before !== undefined) query = query.where('person.id', '<', before)
  if (scores === undefined) query = query.limit(limit)
  else query = query.where('person.id', 'in', [...scores.keys()])
  const rows = await query.execute()
  const ranked =
    scores === undefined
      ? rows
      : rows.toSorted((a, b) => scores.get(b.id)! - scores.get(a.id)!).slice(0, limit)
  const ids = ranked.map(({ id }) => id)
  const names = await namesOf(db, ids)
  const faces = await db
    .selectFrom('person_face')
    .select(({ fn }) => ['person_id', fn.countAll<number>().as('faces')])
    .where('person_id', 'in', ids)
    .where('link', '=', 'same')
    .groupBy('person_id')
    .execute()
  return ranked.map((row) => ({
    id: row.id,
    ref: row.ref,
    names: names.get(row.id)!,
    status: row.status,
    birthDate: row.birth_date,
    affiliation: row.affiliation,
    faces: faces.find(({ person_id: id }) => id === row.id)?.faces ?? 0,
    nameScore: scores?.get(row.id) ?? null,
  }))
}
