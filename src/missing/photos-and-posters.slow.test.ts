import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'
import type { CallReply } from '../contract/client/api-client.ts'

let service: TestService
let liaison: TestAccount
let supervisor: TestAccount
const face = readFileSync(portrait('audrey.jpg'))
const group = readFileSync(groupPhoto(1))

beforeAll(async () => {
  service = await startTestService()
  const operator = await setUp(service)
  const agencyId = await newAgency(operator, 'Bureau')
  liaison = await newAccount(operator, agencyId, 'Liaison', ['liaison'])
  supervisor = await newAccount(operator, agencyId, 'Supervisor', ['supervisor'])
}, 120_000)
afterAll(() => service.remove())

async function person(status: 'missing' | 'unidentified_dead' = 'missing') {
  const names = [{ kind: 'main' as const, written: 'Бондаренко-Шевченківська Олександра Володимирівна' }]
  const body = { names, status, birthDate: '1985-02' }
  return (await liaison.client.call('createPerson', { body })).id
}

function add(id: string, body: Uint8Array, query: object = {}): Promise<CallReply<'addPersonPhoto'>> {
  return liaison.client.call('addPersonPhoto', { params: { id }, query, body })
}

function picture(id: string, photoId: string, reveal: 'yes' | 'no' = 'no') {
  const call = { params: { id, photoId }, query: { side: 256, reveal } }
  return liaison.client.call('showPersonPhoto', call)
}

async function photosOf(id: string): Promise<string[]> {
  return (await liaison.client.call('listPersonPhotos', { params: { id } })).map((one) => one.id)
}

/** How much neighbouring pixels differ: little where a picture is blurred. */
async function detail(response: Response): Promise<number> {
  const { data, info } = await sharp(await response.arrayBuffer())
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  let sum = 0
  for (let at = 1; at < data.length; at++) if (at % info.width !== 0) sum += Math.abs(data[at] - data[at - 1])
  return sum / data.length
}

describe('photos of a person', () => {
  test('are kept untouched with the face that is theirs, and shown', async () => {
    const id = await person()
    const photo = await add(id, face, { takenOn: '2015', mayPublish: 'yes' })
    expect(photo).toMatchObject({
      takenOn: '2015',
      mayPublish: true,
      faceOrigin: 'detector',
      sensitive: false,
    })
    expect(Buffer.compare(await service.ctx.store.vault.read(photo.sha256), face)).toBe(0)
    await expect(add(id, face)).rejects.toMatchObject({ code: 'conflict' })
    const older = await add(id, readFileSync(portrait('audrey_crop.jpg')), { takenOn: '2001-05' })
    const listed = await liaison.client.call('listPersonPhotos', { params: { id } })
    expect(listed.map((one) => one.id)).toEqual([older.id, photo.id])
    expect((await picture(id, photo.id)).headers.get('content-type')).toBe('image/jpeg')
    const events = await service.ctx.store.db.selectFrom('audit_event').select('action').execute()
    expect(events.map(({ action }) => action)).toContain('person_photo.look')
  })

  test('with several faces ask which one, with none ask for points', async () => {
    const id = await person()
    await expect(add(id, group)).rejects.toMatchObject({ code: 'choose_face' })
    const { faces } = await liaison.client.call('lookAtPhoto', { params: { id }, body: group })
    const chosen = await add(id, group, { face: 2 })
    expect(chosen.box).toEqual(faces[1].box)
    await expect(add(id, group, { face: 99 })).rejects.toMatchObject({ code: 'bad_input' })
    const plain = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#888' } })
      .png()
      .toBuffer()
    await expect(add(id, plain)).rejects.toMatchObject({ code: 'no_face' })
    const marked = await add(id, plain, { points: '70,80,130,80,100,110,80,140,120,140' })
    expect(marked.faceOrigin).toBe('examiner')
    await expect(add(id, Buffer.from('no photo'))).rejects.toMatchObject({ code: 'unreadable_input' })
  })

  test('of the dead are blurred until asked for', async () => {
    const id = await person('unidentified_dead')
    const photo = await add(id, face)
    expect(photo.sensitive).toBe(true)
    const blurred = await detail(await picture(id, photo.id))
    expect(blurred).toBeLessThan(0.5 * (await detail(await picture(id, photo.id, 'yes'))))
  })

  test('are erased to the last byte, and stay where something else stands on them', async () => {
    const id = await person()
    const own = await sharp(face).modulate({ brightness: 1.1 }).jpeg().toBuffer()
    const photo = await add(id, own)
    const shared = await add(id, group, { face: 1 })
    const erase = (photoId: string) =>
      liaison.client.call('erasePersonPhoto', { params: { id, photoId }, body: { reason: 'asked for' } })
    await erase(photo.id)
    await erase(shared.id)
    expect(await liaison.client.call('listPersonPhotos', { params: { id } })).toEqual([])
    expect(await service.ctx.store.vault.has(photo.sha256)).toBe(false)
    // Another person's photo of the same bytes, from the test above.
    expect(await service.ctx.store.vault.has(shared.sha256)).toBe(true)
    const left = await service.ctx.store.db
      .selectFrom('person_photo_template')
      .innerJoin('person_photo', 'person_photo.id', 'person_photo_template.photo_id')
      .select('photo_id')
      .where('person_photo.person_id', '=', id)
      .execute()
    expect(left).toEqual([])
  })

  test('go with the person in a merge, and come back when it is undone', async () => {
    const [a, b] = [await person(), await person()]
    const photo = await add(b, face)
    const merged = await supervisor.client.call('mergePeople', {
      params: { id: a },
      body: { otherId: b, reason: 'the same' },
    })
    expect([await photosOf(a), await photosOf(b)]).toEqual([[photo.id], []])
    const change = merged.changes[0].id
    await supervisor.client.call('undoPersonChange', { params: { id: change }, body: { reason: 'no' } })
    expect([await photosOf(a), await photosOf(b)]).toEqual([[], [photo.id]])
  })
})

describe('a poster', () => {
  const facts = {
    lastSeenOn: '2022-03-05',
    lastSeenPlace: 'Буча, вулиця Вокзальна',
    marks: 'шрам на лівій руці, родимка над бровою',
    clothing: 'зелена куртка, сірі джинси, чорні черевики',
    circumstances: 'Вийшла по воду і не повернулася.',
    photoUrls: null,
    basis: 'consent' as const,
    basisDetail: 'the mother, in writing',
    keepUntil: null,
  }
  const all = ['birth_date', 'last_seen_on', 'last_seen_place', 'marks', 'clothing', 'circumstances'] as const

  async function make(id: string, photoId: string, language: 'en' | 'uk' = 'uk'): Promise<Buffer> {
    const body = { photoId, facts: [...all], contact: 'Гаряча лінія 0 800 000 000', language }
    const response = await liaison.client.call('makePoster', { params: { id }, body })
    expect(response.headers.get('content-type')).toContain('application/pdf')
    return Buffer.from(await response.arrayBuffer())
  }

  test('shows what was agreed to, and nothing before', async () => {
    const id = await person()
    const photo = await add(id, face)
    const save = (mayPublish: boolean) =>
      liaison.client.call('saveDisappearance', { params: { id }, body: { ...facts, mayPublish } })
    await expect(make(id, photo.id)).rejects.toMatchObject({ code: 'conflict' })
    await save(false)
    await expect(make(id, photo.id)).rejects.toThrow(/facts/)
    await save(true)
    await expect(make(id, photo.id)).rejects.toThrow(/photo/)
    const params = { id, photoId: photo.id }
    await liaison.client.call('changePersonPhoto', { params, body: { mayPublish: true } })
    const poster = await make(id, photo.id)
    expect(poster.subarray(0, 5).toString()).toBe('%PDF-')
    expect(poster.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1)
    const folder = process.env['LIKENESS_KEEP_POSTERS']
    if (folder !== undefined) writeFileSync(path.join(folder, 'poster.pdf'), poster)
    await liaison.client.call('changePerson', { params: { id }, body: { status: 'detained' } })
    await expect(make(id, photo.id)).rejects.toMatchObject({ code: 'conflict' })
  })
})
