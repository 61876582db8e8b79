import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { SOURCE_BITS, SOURCES_A_MEMBER } from '../store/database/migrations/list-tables.ts'
import { wordsQuery } from './words-query.ts'

/** What of a collection is listed. */
export interface MemberSieve {
  collectionId: string
  /** Only media with faces, or without any. */
  faces: 'any' | 'with' | 'without'
  /** Beginnings of words that all stand in one source's name, address, collector or note; see [Note: lists by index]. */
  words: string | undefined
  /** First and last day (UTC, YYYY-MM-DD) on which they were taken in. */
  since: string | undefined
  until: string | undefined
  /** Place to go on before. */
  before: number | undefined
  limit: number
  /** Gives the reading up. */
  signal?: AbortSignal | undefined
}

export interface Member {
  seq: number
  media_id: string
  added_at: string
}

export interface MemberPage {
  /** What came last first. */
  members: Member[]
  /** Place of the last one; undefined on the last page. */
  next: number | undefined
}

/** Media of several processes may be numbered in another order than that of their times, by as much as one waits for the other. */
const CLOCK_SLACK_MS = 60 * 60 * 1000
const DAY_MS = 24 * CLOCK_SLACK_MS
/** No record comes as far; times 2^20 it is still a whole number. */
const LAST_PLACE = 2 ** 32

/** Places of members, both ends included. */
interface Range {
  first: number
  last: number
}

/** One page of a collection, by index: how long it takes does not depend on how much the collection holds. */
export async function listMembers(db: Db, sieve: MemberSieve): Promise<MemberPage> {
  const range = await rangeOf(db, sieve)
  if (range === undefined) return { members: [], next: undefined }
  return sieve.words === undefined || sieve.words === ''
    ? listAll(db, sieve, range)
    : listByWords(db, sieve, sieve.words, range)
}

async function listAll(db: Db, sieve: MemberSieve, range: Range): Promise<MemberPage> {
  const { collectionId, faces, limit, signal } = sieve
  let query = dated(db, sieve)
    .where('collection_id', '=', collectionId)
    .where('seq', '>=', range.first)
    .where('seq', '<=', range.last)
    .orderBy('seq', 'desc')
    .limit(limit)
  if (faces !== 'any') query = query.where('has_faces', '=', faces === 'with' ? 1 : 0)
  const members = await query.execute({ signal })
  return { members, next: members.length < limit ? undefined : members.at(-1)?.seq }
}

async function listByWords(
  db: Db,
  sieve: MemberSieve,
  words: string,
  { first, last }: Range,
): Promise<MemberPage> {
  const { limit, signal } = sieve
  const wanted = wordsQuery(sieve.collectionId, sieve.faces, words)
  if (wanted === undefined)
    throw new AppError('bad_input', `Expected words with letters or digits in them, received '${words}'.`)
  const members: Member[] = []
  let until = last
  for (let isLast = false; members.length <= limit && !isLast;) {
    const places = await placesOf(db, wanted, { first, last: until }, sieve)
    isLast = places.length <= limit
    if (places.length === 0) break
    const page = await dated(db, sieve).where('seq', 'in', places).orderBy('seq', 'desc').execute({ signal })
    members.push(...page)
    until = places[places.length - 1] - 1
  }
  return {
    members: members.slice(0, limit),
    next: members.length > limit ? members[limit - 1].seq : undefined,
  }
}

/** Places of members with a source in which the words stand, newest first. */
async function placesOf(
  db: Db,
  wanted: string,
  { first, last }: Range,
  { limit, signal }: MemberSieve,
): Promise<number[]> {
  const { rows } = await sql<{ place: number }>`
    select distinct rowid >> ${SOURCE_BITS} as place from word_index
    where word_index match ${wanted} and rowid >= ${first * SOURCES_A_MEMBER}
      and rowid < ${(last + 1) * SOURCES_A_MEMBER}
    order by rowid desc limit ${limit + 1}
  `.execute(db, { signal })
  return rows.map(({ place }) => place)
}

function dated(db: Db, { since, until }: MemberSieve) {
  let query = db.selectFrom('media_in_collection').select(['seq', 'media_id', 'added_at'])
  if (since !== undefined) query = query.where('added_at', '>=', since)
  // Times of that day sort before this, and those of the next after.
  if (until !== undefined) query = query.where('added_at', '<', `${until}U`)
  return query
}

/** Where members of these days stand, roughly: a few more at both ends. Undefined when there are none. */
async function rangeOf(
  db: Db,
  { collectionId, since, until, before }: MemberSieve,
): Promise<Range | undefined> {
  const members = db.selectFrom('media_in_collection').select('seq').where('collection_id', '=', collectionId)
  let first = 0
  let last = before === undefined ? LAST_PLACE : before - 1
  if (since !== undefined) {
    const from = new Date(Date.parse(since) - CLOCK_SLACK_MS).toISOString()
    const row = await members.where('added_at', '>=', from).orderBy('added_at').limit(1).executeTakeFirst()
    if (row === undefined) return undefined
    first = row.seq
  }
  if (until !== undefined) {
    const to = new Date(Date.parse(until) + DAY_MS + CLOCK_SLACK_MS).toISOString()
    const row = await members
      .where('added_at', '<', to)
      .orderBy('added_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (row === undefined) return undefined
    last = Math.min(last, row.seq)
  }
  return { first, last }
}
