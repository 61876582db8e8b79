import { chainHash } from '../../src/store/audit-chain.ts'
import { newId } from '../../src/store/ids.ts'
import type { Db } from '../../src/store/database/db.ts'
import type { Store } from '../../src/store/store.ts'
import { openToFill } from '../../test/support/filling-connection.ts'
import { foldName, keysOf } from '../../src/people/fold-name.ts'
import { cloneRows, type Row } from './clone-rows.ts'
import type { Made } from './prepare.ts'

/** Rows a million photos: what an agency may have gathered in years beside them. */
const A_MILLION = {
  cases: 5000,
  searches: 50_000,
  reviews: 5000,
  events: 500_000,
  people: 100_000,
  linkedFaces: 50_000,
  enquiries: 20_000,
  alerts: 20_000,
  standingSearches: 500,
  leads: 5000,
  jobs: 1000,
  imports: 1000,
}
const CANDIDATES_A_SEARCH = 20
const DAY_MS = 86_400_000
const DAYS = 1000
const FAMILY = [
  'Шевченко',
  'Коваленко',
  'Бондаренко',
  'Ткаченко',
  'Кравченко',
  'Олійник',
  'Мельник',
  'Поліщук',
]
const GIVEN = ['Олена', 'Сергій', 'Наталія', 'Микола', 'Ганна', 'Петро', 'Ірина', 'Василь', 'Юлія', 'Тарас']
const SYLLABLES = ['ва', 'ри', 'но', 'ку', 'ле', 'ми', 'со', 'та', 'ги', 'до']

/**
 * Gives a record with photos all the rest that lists are made of: many rows like the ones that the service wrote when it
 * was asked once.
 * @param scale 1 for a million photos
 */
export async function fillLists(store: Store, made: Made, scale: number): Promise<void> {
  const database = openToFill(store)
  const count = Object.fromEntries(
    Object.entries(A_MILLION).map(([name, rows]) => [name, Math.ceil(rows * scale)]),
  ) as typeof A_MILLION
  const write = async (
    table: string,
    like: object,
    rows: number,
    change: (number: number) => Row,
  ): Promise<void> => {
    cloneRows(database, table, like, rows, change)
    await store.record.checkpointNow()
  }
  const { db } = store
  const cases = await row(db, 'case_file', made.caseId)
  const caseIds = ids(count.cases)
  await write('case_file', cases, count.cases, (at) => ({
    id: caseIds[at],
    number: `B-${at}`,
    created_at: time(at, count.cases),
    status: at % 3 === 0 ? 'closed' : 'open',
  }))
  const search = await row(db, 'search', made.searchId)
  const searchIds = ids(count.searches)
  await write('search', search, count.searches, (at) => ({
    id: searchIds[at],
    case_id: caseIds[at % caseIds.length],
    at: time(at, count.searches),
  }))
  const [candidate] = await rows(db, 'candidate', 'search_id', made.searchId)
  await write('candidate', candidate, count.searches * CANDIDATES_A_SEARCH, (at) => ({
    search_id: searchIds[Math.floor(at / CANDIDATES_A_SEARCH)],
    rank: (at % CANDIDATES_A_SEARCH) + 1,
  }))
  await write('search_review', await row(db, 'search_review', made.reviewId), count.reviews, (at) => ({
    id: newId(),
    search_id: searchIds[at],
  }))
  await fillPeople(store, made, count, write)
  const lead = await row(db, 'identification', made.identificationId)
  await write('identification', lead, count.leads, (at) => ({
    id: newId(),
    case_id: caseIds[at % caseIds.length],
    search_id: searchIds[at],
  }))
  await write('job', made.job, count.jobs, () => ({ id: newId() }))
  const importRow = await row(db, 'import', made.importId)
  await write('import', importRow, count.imports, (at) => ({
    id: newId(),
    finished_at: time(at, count.imports),
  }))
  await fillItems(db, made, write)
  await fillEvents(db, caseIds, count.events, write)
  database.close()
  await store.record.checkpointNow()
}

type Write = (table: string, like: object, rows: number, change: (number: number) => Row) => Promise<void>

async function fillPeople({ db }: Store, made: Made, count: typeof A_MILLION, write: Write): Promise<void> {
  const personIds = ids(count.people)
  const names = personIds.map((_id, at) => {
    const syllables = [7, 11, 13].map((step) => SYLLABLES[Math.floor(at / step) % SYLLABLES.length])
    return `${GIVEN[at % GIVEN.length]} ${FAMILY[at % FAMILY.length]}${syllables.join('')}`
  })
  const person = await row(db, 'person', made.personId)
  await write('person', person, count.people, (at) => ({ id: personIds[at], ref: `B-${at}` }))
  await write('person_record', await row(db, 'person_record', made.personId), count.people, (at) => ({
    id: personIds[at],
    status: at % 4 === 0 ? 'found' : 'missing',
  }))
  const [name] = await rows(db, 'person_name', 'person_id', made.personId)
  await write('person_name', name, count.people, (at) => ({
    id: newId(),
    person_id: personIds[at],
    written: names[at],
  }))
  const [key] = await rows(db, 'person_name_key', 'person_id', made.personId)
  const keys = names.flatMap((written, at) =>
    ['', ...new Set(foldName(written).flatMap(keysOf))].map((text) => ({
      key: text,
      person_id: personIds[at],
    })),
  )
  await write('person_name_key', key, keys.length, (at) => keys[at])
  const faces = await db.selectFrom('face').select('id').limit(count.linkedFaces).execute()
  const [link] = await rows(db, 'person_face', 'person_id', made.personId)
  const free = faces.filter(({ id }) => id !== (link as { face_id: string }).face_id)
  await write('person_face', link, free.length, (at) => ({
    id: newId(),
    person_id: personIds[at % personIds.length],
    face_id: free[at].id,
  }))
  await write('enquiry', await row(db, 'enquiry', made.enquiryId), count.enquiries, (at) => ({
    id: newId(),
    number: `B-${at}`,
    person_id: personIds[at],
    state: (['open', 'answered', 'closed'] as const)[at % 3],
  }))
  const standing = await row(db, 'standing_search', made.standingId)
  await write('standing_search', { ...standing, state: 'ended' }, count.standingSearches, (at) => ({
    id: newId(),
    person_id: personIds[at],
  }))
  const media = await db.selectFrom('media').select('id').limit(count.alerts).execute()
  const alertIds = ids(count.alerts)
  await write('alert', made.alert, media.length, (at) => ({
    id: at === 0 ? made.alertId : alertIds[at],
    person_id: personIds[at],
    target_id: media[at].id,
    state: (['new', 'seen', 'dismissed'] as const)[at % 3],
  }))
  await write('alert_hit', made.hit, media.length, (at) => ({
    id: newId(),
    alert_id: at === 0 ? made.alertId : alertIds[at],
    search_id: made.standingId,
    face_id: faces[at].id,
  }))
}

/** One item for each photo of the large import. */
async function fillItems(db: Db, made: Made, write: Write): Promise<void> {
  const sources = await db
    .selectFrom('source')
    .select(['media_id', 'ordinal', 'import_id'])
    .where('collection_id', '=', made.collectionId)
    .orderBy('id')
    .execute()
  const item = await db.selectFrom('import_item').selectAll().limit(1).executeTakeFirstOrThrow()
  const { seq: _seq, ...like } = item
  const own = sources.filter((source) => source.import_id === made.largeImportId)
  await write('import_item', like, own.length, (at) => ({
    import_id: made.largeImportId,
    ordinal: own[at].ordinal,
    media_id: own[at].media_id,
    name: `made-up/${at}.jpg`,
    state: at % 10 < 6 ? 'done' : at % 1000 === 999 ? 'unreadable' : 'no_face',
  }))
}

/** Audit events, chained to what the service wrote. */
async function fillEvents(db: Db, caseIds: readonly string[], count: number, write: Write): Promise<void> {
  const last = await db
    .selectFrom('audit_event')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const like = await db
    .selectFrom('audit_event')
    .selectAll()
    .where('action', '=', 'search.run')
    .limit(1)
    .executeTakeFirstOrThrow()
  const actions = ['search.run', 'collection.browse', 'candidate.look', 'media.reveal', 'case.read']
  let previous = last.chain_hash
  await write('audit_event', like, count, (at) => {
    const changed = {
      seq: last.seq + at + 1,
      id: newId(),
      at: last.at,
      action: actions[at % actions.length],
      case_id: caseIds[at % caseIds.length],
    }
    previous = chainHash(previous, { ...like, ...changed })
    return { ...changed, chain_hash: previous }
  })
}

type Table = Parameters<Db['selectFrom']>[0] & string

async function rows(db: Db, table: string, column: string, value: string): Promise<object[]> {
  return db
    .selectFrom(table as Table & 'person')
    .selectAll()
    .where(db.dynamic.ref<'id'>(column), '=', value)
    .execute()
}

async function row(db: Db, table: string, id: string): Promise<object> {
  const [found] = await rows(db, table, 'id', id)
  if (found === undefined) throw new Error(`The service wrote no row of ${table}.`)
  return found
}

function ids(count: number): string[] {
  return Array.from({ length: count }, () => newId())
}

/** Spread over years, the last one now. */
export function time(at: number, count: number): string {
  return new Date(Date.now() - Math.floor(((count - at) / count) * DAYS) * DAY_MS).toISOString()
}
