import { sql } from 'kysely'
import { bandsOf, distanceBits, NEAR_DUPLICATE_BITS, withNearDuplicates } from '../media/near-duplicates.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { Db } from '../store/database/db.ts'

/** What a lead is about, wherever in the record it turns up. */
export interface Matter {
  row: IdentificationTable
  /** The candidate's photo and its near duplicates. */
  media: string[]
  /** Whom it may show: named so, with the probe among their photos, linked with the face, or merged with one of these. */
  people: string[]
  /** The probe's photo and the candidate's, with their perceptual hashes where they are kept. */
  pictures: { sha256: string; perceptual_hash: string | null }[]
}

/** Gathers what a lead is about. */
export async function matterOf(db: Db, row: IdentificationTable): Promise<Matter> {
  const people = await peopleOf(db, row)
  const media = await withNearDuplicates(db, row.media_id)
  const photos = await db
    .selectFrom('media')
    .select(['sha256', 'perceptual_hash'])
    .where('id', 'in', media)
    .execute()
  const probe = await db
    .selectFrom('probe_face')
    .leftJoin('probe_print', 'probe_print.probe_id', 'probe_face.probe_id')
    .select('probe_print.perceptual_hash')
    .where('probe_face.id', '=', row.probe_face_id)
    .execute()
  const ofProbe = probe.map((print) => ({ ...print, sha256: row.probe_sha256 }))
  return {
    row,
    media,
    people,
    pictures: [...ofProbe, ...photos],
  }
}

/** Whether two pictures are the same or nearly so, by perceptual hash; flat pictures are like nothing. */
export function looksAlike(a: string, b: string): boolean {
  return saysSomething(a) && saysSomething(b) && distanceBits(a, b) <= NEAR_DUPLICATE_BITS
}

function saysSomething(perceptualHash: string): boolean {
  return bandsOf(perceptualHash).length > 0
}

async function peopleOf(db: Db, row: IdentificationTable): Promise<string[]> {
  const linked = await db
    .selectFrom('person_face')
    .select('person_id')
    .where('face_id', '=', row.face_id)
    .union(db.selectFrom('person_photo').select('person_id').where('sha256', '=', row.probe_sha256))
    .execute()
  const found = linked.map(({ person_id: id }) => id)
  if (row.person_id !== null) found.push(row.person_id)
  const changed = await db
    .selectFrom('person_change')
    .select(['from_id', 'to_id'])
    .where((where) => where.or([where('from_id', 'in', found), where('to_id', 'in', found)]))
    .execute()
  return [...new Set([...found, ...changed.flatMap(({ from_id: from, to_id: to }) => [from, to])])]
}

/**
 * Whether an account has seen the candidate, its photo, its people or what was decided of it, or has worked with the probe:
 * in any case, list, page, alert, report or examination, as the audit log knows.
 */
export async function hasSeen(db: Db, matter: Matter, accountId: string): Promise<boolean> {
  for (const ask of [looked, sawInList, sawInAlert, sawDecision, workedWithProbe]) {
    if (await ask(db, matter, accountId)) return true
  }
  return false
}

/** Identifications of the same face, probe or person. */
function sameMatter(db: Db, { row, people }: Matter) {
  return db.selectFrom('identification').where((where) =>
    where.or([
      // As expressions: the other condition is what is looked up by.
      where(sql<string>`+identification.face_id`, '=', row.face_id),
      where(sql<string>`+identification.probe_sha256`, '=', row.probe_sha256),
      where('identification.person_id', 'in', people),
    ]),
  )
}

/** Whether it has read events of the matter in the audit log: of one of its cases, or an export that has them. */
export async function hasReadLog(db: Db, matter: Matter, accountId: string): Promise<boolean> {
  const read = db
    .selectFrom('audit_event')
    .where('account_id', '=', accountId)
    .where('action', 'in', ['audit.read', 'audit.export'])
  // One event a page names all of its cases; earlier ones were written case by case.
  const pages = await read.select(['case_id', sql<string | null>`details ->> 'cases'`.as('cases')]).execute()
  const cases = new Set(
    pages.flatMap(({ case_id: id, cases: named }) => [id ?? [], named?.split(' ') ?? []]).flat(),
  )
  const among = sql<string>`(select value from json_each(${JSON.stringify([...cases])}))`
  if (await isAny(sameMatter(db, matter).where('identification.case_id', 'in', among))) return true
  const whole = await read
    .select('seq')
    .where('action', '=', 'audit.export')
    .where('case_id', 'is', null)
    .where('at', '>=', (where) =>
      where.selectFrom('case_file').select('created_at').where('id', '=', matter.row.case_id),
    )
    .limit(1)
    .executeTakeFirst()
  return whole !== undefined
}

/** Events about the face, the photo, its tracks or people themselves, or that name them in what they did. */
async function looked(db: Db, { row, media, people }: Matter, accountId: string): Promise<boolean> {
  const tracks = await db.selectFrom('video_track').select('id').where('media_id', 'in', media).execute()
  const photos = await db.selectFrom('person_photo').select('id').where('person_id', 'in', people).execute()
  const subjects = [
    `face ${row.face_id}`,
    ...media.map((id) => `media ${id}`),
    ...tracks.map(({ id }) => `video_track ${id}`),
    ...people.map((id) => `person ${id}`),
    ...photos.map(({ id }) => `person_photo ${id}`),
  ]
  const about = await db
    .selectFrom('audit_event')
    .select('seq')
    .where('account_id', '=', accountId)
    .where('subject', 'in', sql<string>`(select value from json_each(${JSON.stringify(subjects)}))`)
    .limit(1)
    .executeTakeFirst()
  if (about !== undefined) return true
  const named = await db
    .selectFrom('audit_event')
    .select('seq')
    .where('account_id', '=', accountId)
    .where('action', 'in', ['person.link_face', 'person.unlink_face', 'probe.from_video'])
    .where((where) =>
      where.or([row.face_id, ...media].map((id) => where(sql<number>`instr(details, ${id})`, '>', 0))),
    )
    .limit(1)
    .executeTakeFirst()
  return named !== undefined
}

/** Candidate lists with the face or its photo, and marks and notes in them. */
async function sawInList(db: Db, { row, media }: Matter, accountId: string): Promise<boolean> {
  const found = await db
    .selectFrom('candidate')
    .select('candidate.rank')
    .where('candidate.search_id', 'in', touched(db, accountId, 'search'))
    .where((where) =>
      where.or([where('candidate.face_id', '=', row.face_id), where('candidate.media_id', 'in', media)]),
    )
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

async function sawInAlert(db: Db, matter: Matter, accountId: string): Promise<boolean> {
  const { row, media, people } = matter
  const looked = await touched(db, accountId, 'alert').execute()
  const lists = await db
    .selectFrom('audit_event')
    .select(sql<string | null>`details ->> 'alerts'`.as('alerts'))
    .where('account_id', '=', accountId)
    .where('action', '=', 'alert.list')
    .execute()
  const ids = new Set([
    ...looked.map(({ id }) => id),
    ...lists.flatMap(({ alerts }) => alerts?.split(' ') ?? []),
  ])
  const found = await db
    .selectFrom('alert')
    .select('alert.id')
    .where('alert.id', 'in', sql<string>`(select value from json_each(${JSON.stringify([...ids])}))`)
    .where((where) =>
      where.or([
        where('alert.identification_id', '=', row.id),
        where('alert.person_id', 'in', people),
        where('alert.target_id', 'in', media),
        where.exists(
          where
            .selectFrom('alert_hit')
            .select('alert_hit.id')
            .whereRef('alert_hit.alert_id', '=', 'alert.id')
            .where('alert_hit.face_id', 'in', [row.face_id, row.probe_face_id]),
        ),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/** Identifications of the same face, probe or person, their lists, examinations, line-ups, reports and transmittals. */
async function sawDecision(db: Db, matter: Matter, accountId: string): Promise<boolean> {
  const compared = await db
    .selectFrom('examination')
    .innerJoin('examination_item', 'examination_item.examination_id', 'examination.id')
    .select('examination.id')
    .where('examination.account_id', '=', accountId)
    .where('examination_item.face_id', '=', matter.row.face_id)
    .limit(1)
    .executeTakeFirst()
  if (compared !== undefined) return true
  // From what the account did to what it was about: a face may have many leads, an account has seen few.
  const listed = db
    .selectFrom('audit_event')
    .select((select) => select.ref('case_id').$notNull().as('case_id'))
    .where('account_id', '=', accountId)
    .where('action', '=', 'identification.list')
  if (await isAny(sameMatter(db, matter).where('identification.case_id', 'in', listed))) return true
  const own = db.selectFrom('examination').select('identification_id').where('account_id', '=', accountId)
  const ids = [
    own,
    touched(db, accountId, 'identification'),
    ...(['examination', 'report', 'transmittal'] as const).map((kind) =>
      db
        .selectFrom(kind)
        .select('identification_id')
        .where('id', 'in', touched(db, accountId, kind)),
    ),
  ]
  for (const seen of ids) {
    const found = sameMatter(db, matter).where('identification.id', 'in', seen as typeof own)
    if (await isAny(found)) return true
  }
  return false
}

async function isAny(found: ReturnType<typeof sameMatter>): Promise<boolean> {
  return (await found.select('identification.id').limit(1).executeTakeFirst()) !== undefined
}

/** Probes with the lead's probe photo or the candidate's, or one that looks the same, that it added, searched with or compared. */
async function workedWithProbe(db: Db, { pictures: own }: Matter, accountId: string): Promise<boolean> {
  const picture = db
    .selectFrom('probe')
    .leftJoin('probe_print', 'probe_print.probe_id', 'probe.id')
    .select(['probe.sha256', 'probe_print.perceptual_hash'])
  const ofFace = picture.innerJoin('probe_face', 'probe_face.probe_id', 'probe.id')
  const added = picture.where(
    'probe.id',
    'in',
    touched(db, accountId, 'probe').where('action', '!=', 'probe.look'),
  )
  const searched = ofFace.where(
    'probe_face.id',
    'in',
    db
      .selectFrom(['search', sql<{ value: string }>`json_each(search.probe_faces)`.as('used')])
      .select('used.value')
      .where('search.id', 'in', touched(db, accountId, 'search')),
  )
  const compared = ofFace.where((where) => {
    const comparisons = db
      .selectFrom('comparison')
      .where('comparison.id', 'in', touched(db, accountId, 'comparison'))
    return where.or([
      where('probe_face.id', 'in', comparisons.select('face_a')),
      where('probe_face.id', 'in', comparisons.select('face_b')),
    ])
  })
  const pictures = await added.union(searched).union(compared).execute()
  return pictures.some((one) =>
    own.some(
      (known) =>
        known.sha256 === one.sha256 ||
        (known.perceptual_hash !== null &&
          one.perceptual_hash !== null &&
          looksAlike(known.perceptual_hash, one.perceptual_hash)),
    ),
  )
}

/** Ids of all things of a kind that events of the account are about. */
function touched(db: Db, accountId: string, kind: string) {
  return db
    .selectFrom('audit_event')
    .select(sql<string>`substr(subject, ${kind.length + 2})`.as('id'))
    .where('account_id', '=', accountId)
    .where('subject', '>=', `${kind} `)
    .where('subject', '<', `${kind}!`)
}
