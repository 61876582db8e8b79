import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import type { WorkContext } from '../media/work-context.ts'
import type { PosterFact } from '../contract/missing-words.ts'
import type { PersonStatus } from '../contract/person-words.ts'
import type { Box } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { findPersonPhoto } from '../people/person-photos.ts'
import { findStandingPerson } from '../people/person-scope.ts'
import { romanise, tableFor } from '../people/romanise.ts'
import { aroundFace } from '../pictures/around-face.ts'
import type { DisappearanceTable } from '../store/tables/missing-tables.ts'
import type { PersonRecordTable } from '../store/tables/person-tables.ts'
import { findDisappearance } from './disappearance.ts'
import { renderPoster } from './poster-pdf.ts'
import { posterTexts } from './poster-texts.ts'
import { today } from '../contract/dates.ts'

/** Of whom posters are made. No picture of somebody dead or captured goes to a wall (GC III 13). */
const POSTER_STATUSES: readonly PersonStatus[] = ['missing', 'displaced']
const PHOTO_PX = 1200

export interface PosterInput {
  personId: string
  photoId: string
  facts: readonly PosterFact[]
  /** Whom to tell, as it stands on the poster. */
  contact: string
  language: 'en' | 'uk'
  signal: AbortSignal
}

/**
 * A poster of somebody who is missing, as a PDF of one page: a photo and facts whose publication was agreed to, and
 * nothing else. The photo is cut to the face, so that others in it are not shown.
 * @throws AppError `not_allowed`, `not_found`, `conflict` when the person is not missing or nobody agreed to publication
 */
export async function makePoster(
  ctx: WorkContext,
  actor: AccountActor,
  input: PosterInput,
): Promise<Uint8Array> {
  authorize(actor, 'poster.make')
  const { db, vault } = ctx.store
  const { person, record } = await findStandingPerson(db, actor, input.personId)
  const photo = await findPersonPhoto(db, actor, input)
  const disappearance = await findDisappearance(db, person.id)
  if (record === undefined || !POSTER_STATUSES.includes(record.status)) {
    throw new AppError('conflict', `Posters are made of people who are ${POSTER_STATUSES.join(' or ')} only.`)
  }
  if (disappearance?.may_publish !== 1)
    throw new AppError('conflict', 'Nobody agreed that facts about this person are shown in public.')
  if (photo.may_publish !== 1)
    throw new AppError('conflict', 'Nobody agreed that this photo is shown in public. Choose another one.')
  const names = await db
    .selectFrom('person_name')
    .select(['written', 'script', 'kind'])
    .where('person_id', '=', person.id)
    .orderBy('id')
    .execute()
  const main = names[0] as (typeof names)[number] | undefined
  const written = main?.written ?? person.name ?? ''
  const { bytes } = await ctx.pictures.make(
    {
      want: 'shown',
      photo: await vault.read(photo.sha256),
      steps: [],
      longSidePx: PHOTO_PX,
      part: aroundFace(JSON.parse(photo.box) as Box),
      blurred: false,
    },
    input.signal,
  )
  const texts = posterTexts(input.language)
  const { name: agency } = await db
    .selectFrom('agency')
    .select('name')
    .where('id', '=', person.agency_id)
    .executeTakeFirstOrThrow()
  const reference = person.ref === null ? [] : [`${texts.reference}: ${person.ref}`]
  const pdf = await renderPoster({
    language: input.language,
    title: texts.title,
    names: [written, ...(main?.script === 'Cyrl' ? [romanise(written, tableFor(written))] : [])],
    photo: bytes,
    facts: input.facts.flatMap((fact) => {
      const value = valueOf(fact, record, disappearance, { about: texts.about, language: input.language })
      return value === null ? [] : [[texts.facts[fact], value] as const]
    }),
    tell: texts.tell,
    contact: input.contact,
    foot: [agency, ...reference, `${texts.printed} ${today()}`].join(' · '),
  })
  await recordEvent(db, actor, {
    action: 'poster.make',
    agencyId: person.agency_id,
    subject: `person ${person.id}`,
    details: { photo: photo.id, facts: input.facts.join(' '), language: input.language },
  })
  return pdf
}

function valueOf(
  fact: PosterFact,
  record: PersonRecordTable,
  disappearance: DisappearanceTable,
  { about, language }: { about: string; language: 'en' | 'uk' },
): string | null {
  const value = fact === 'birth_date' ? record.birth_date : disappearance[fact]
  if (value === null || (fact !== 'birth_date' && fact !== 'last_seen_on')) return value
  const written = dateInWords(value, language)
  return fact === 'birth_date' && record.birth_approximate === 1 ? `${about} ${written}` : written
}

/** @param date YYYY, YYYY-MM or YYYY-MM-DD */
function dateInWords(date: string, language: 'en' | 'uk'): string {
  const parts = ['year', 'month', 'day'].slice(0, date.split('-').length)
  const options: Intl.DateTimeFormatOptions = { timeZone: 'UTC' }
  for (const part of parts) Object.assign(options, { [part]: part === 'month' ? 'long' : 'numeric' })
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'uk', options).format(new Date(date))
}
