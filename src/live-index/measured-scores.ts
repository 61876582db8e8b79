import { z } from 'zod'
import type { Calibration } from '../gallery/calibration.ts'
import type { Db } from '../store/database/db.ts'
import type { Store } from '../store/store.ts'
import type { ReadyIndex } from './live-index.ts'

/** What scores mean among the faces held, and when that was measured. */
export interface MeasuredScores {
  calibration: Calibration
  measuredAt: string
}

/** Pairs compared: enough to count one in a hundred thousand a hundred times, and done in about a second. */
const PAIRS = 10_000_000
/** Measured anew when the index has grown or shrunk so many times. */
const GROWTH = 1.5
/** In a smaller index unlinked pictures of one person are too large a share of all pairs; the pack's own measure serves then. */
export const FEWEST_FACES = 1000
const LINKS_A_STEP = 5000

const measuredSchema = z.object({
  measuredAt: z.string(),
  calibration: z.object({
    pairs: z.number(),
    faces: z.number(),
    body: z.object({ binWidth: z.number(), firstCosine: z.number(), survival: z.array(z.number()) }),
    tail: z.object({
      start: z.number(),
      share: z.number(),
      scale: z.number(),
      shape: z.number(),
      intercept: z.number(),
      slope: z.number(),
    }),
    countedUpTo: z.number(),
  }),
})

/**
 * What a similarity means among the faces of this index: kept as a setting of the record, measured when there is none
 * or when the index has changed much since. Faces that people have linked with one person are no strangers.
 * @returns undefined for an index too small to say
 */
export async function measuredScores(
  { db, lookups }: Pick<Store, 'db' | 'lookups'>,
  index: ReadyIndex,
  signal?: AbortSignal,
): Promise<MeasuredScores | undefined> {
  if (index.faces < FEWEST_FACES) return undefined
  const key = keyOf(index.label)
  const known = await knownScores(lookups, index.label)
  if (known !== undefined) {
    const growth = index.faces / known.calibration.faces
    if (growth < GROWTH && growth > 1 / GROWTH) return known
  }
  const personOf = await peopleByEntry(db, index.label)
  const calibration = await index.calibrate({
    pairs: PAIRS,
    personOf: (id) => personOf.get(id),
    ...(signal === undefined ? {} : { signal }),
  })
  if (calibration === undefined) return undefined
  const measured = { calibration, measuredAt: new Date().toISOString() }
  const value = JSON.stringify(measured)
  await db
    .insertInto('setting')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
  return measured
}

/** What was measured last for templates of this kind; undefined when nothing was. @param label see active-templates.ts */
export async function knownScores(db: Db, label: string): Promise<MeasuredScores | undefined> {
  const row = await db
    .selectFrom('setting')
    .select('value')
    .where('key', '=', keyOf(label))
    .executeTakeFirst()
  return row === undefined ? undefined : readMeasured(row.value)
}

function keyOf(label: string): string {
  return `scores ${label}`
}

function readMeasured(text: string): MeasuredScores | undefined {
  try {
    return measuredSchema.parse(JSON.parse(text))
  } catch {
    // Derived: measured again.
    return undefined
  }
}

/** A number for the person of every entry whose face somebody has linked with one. */
async function peopleByEntry(db: Db, label: string): Promise<Map<number, number>> {
  const numbers = new Map<string, number>()
  const byEntry = new Map<number, number>()
  for (let after = ''; ;) {
    const links = await db
      .selectFrom('person_face')
      .innerJoin('template', 'template.face_id', 'person_face.face_id')
      .innerJoin('index_entry', 'index_entry.template_seq', 'template.seq')
      .select(['person_face.id', 'person_face.person_id', 'index_entry.id as entry'])
      .where('person_face.link', '=', 'same')
      .where('person_face.id', '>', after)
      .where('index_entry.label', '=', label)
      .orderBy('person_face.id')
      .limit(LINKS_A_STEP)
      .execute()
    if (links.length === 0) return byEntry
    for (const { person_id: person, entry } of links) {
      const number = numbers.get(person) ?? numbers.size
      numbers.set(person, number)
      byEntry.set(entry, number)
    }
    after = links[links.length - 1].id
  }
}
