import { readFileSync } from 'node:fs'
import { portrait } from '../sample-photos.ts'
import type { Crew } from './practice-people.ts'

const DAY_MS = 24 * 60 * 60 * 1000

function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)
}

/** A missing person whose family gave a photo, looked for from now on, and what the family asks. */
export async function lookForMissing({ liaison: { client } }: Crew): Promise<void> {
  const { id: personId } = await client.call('createPerson', {
    body: {
      status: 'missing',
      ref: 'P-2022/58',
      birthDate: '1984',
      names: [{ kind: 'main', family: 'Ткаченко', given: 'Андрій', patronymic: 'Олегович' }],
    },
  })
  const params = { id: personId }
  await client.call('saveDisappearance', {
    params,
    body: {
      lastSeenOn: '2022-03-05',
      lastSeenPlace: 'Irpin, railway station',
      marks: null,
      clothing: 'Dark jumper',
      circumstances: 'Left to fetch water and did not return.',
      photoUrls: null,
      basis: 'consent',
      basisDetail: 'Practice: made up',
      mayPublish: true,
      keepUntil: '2032-04-02',
    },
  })
  await client.call('addPersonPhoto', {
    params,
    query: { face: 1, takenOn: '2019', note: 'From the family album', mayPublish: 'yes' },
    body: readFileSync(portrait('franck_02045.jpg')),
  })
  await client.call('openEnquiry', {
    body: {
      personId,
      enquirer: 'Ганна Ткаченко',
      relation: 'mother',
      telephone: '+380 44 000 00 00',
      email: null,
      address: null,
      receivedOn: '2022-04-02',
      channel: 'letter',
      question: 'Is there any news of my son?',
    },
  })
  await client.call('createStandingSearch', {
    body: {
      personId,
      purpose: 'find_missing_person',
      legalBasis: 'Practice: made up',
      withFaces: false,
      probeFaces: [],
      endsOn: inDays(90),
      reviewOn: inDays(30),
    },
  })
}

/** Waits until the service has compared new photos with whom is looked for. @returns whether there is an alert */
export async function hasAlert({ liaison: { client } }: Crew, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const { items } = await client.call('listAlerts', { query: {} })
    if (items.length > 0) return true
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  return false
}

const LOOK_EVERY_MS = 250
