import { describe, expect, test } from 'vitest'
import { enrol, storeWithCollection, testPhoto, withIndex } from '../../test/support/enrolled-record.ts'
import { NOTHING_OF_A_PERSON } from '../../test/support/nothing-of-a-person.ts'
import { agencyOfRecord, madeUpAccount, madeUpAgency } from '../../test/support/made-up-accounts.ts'
import { writeByHand } from '../../test/support/write-by-hand.ts'
import { localOperator, type AccountActor } from '../actor/actor.ts'
import { eraseMedia } from '../erasure/erase-media.ts'
import type { Store } from '../store/store.ts'
import { linkFace, unlinkFace } from './link-face.ts'
import { listPeople } from './list-people.ts'
import { mergePeople, splitPerson, undoChange } from './merge-and-split.ts'
import { changePerson, createPerson, type NameInput } from './save-person.ts'
import { showPerson } from './show-person.ts'

function name(written: string): NameInput {
  return { kind: 'main', given: undefined, patronymic: undefined, family: undefined, written }
}

async function people(): Promise<{ store: Store; eva: AccountActor }> {
  const store = await storeWithCollection()
  return { store, eva: await madeUpAccount(store, await agencyOfRecord(store), 'Eva', ['examiner']) }
}

const page = { status: undefined, before: undefined, limit: 50 }
const missing = { ...NOTHING_OF_A_PERSON, status: 'missing' as const }

/** Photos of one face each, as an import brings them; returns the ids of the faces. */
async function faces(store: Store, count: number, ref?: string): Promise<string[]> {
  const claims = ref === undefined ? {} : { claims: { person_ref: ref, person_name: 'Бондар Іван' } }
  await enrol(
    store,
    Array.from({ length: count }, (_, at) => ({ ...testPhoto(`${ref ?? 'x'}-${at}.jpg`), ...claims })),
  )
  const rows = await store.db.selectFrom('face').select('id').orderBy('id', 'desc').limit(count).execute()
  return rows.map(({ id }) => id)
}

describe('a person', () => {
  test('is found by a name in the other script, another spelling, another order', async () => {
    const { store, eva } = await people()
    const input = { ...missing, names: [name('Кравченко Сергій Петрович')] }
    const { person } = await createPerson({ store }, eva, input)
    await createPerson({ store }, eva, { ...missing, names: [name('Шевченко Олена')] })
    for (const wanted of ['Sergey Kravchenko', 'Serhii Petrovych', 'кравченко', 'Krawtschenko Sergei']) {
      const found = await listPeople({ store }, eva, { ...page, name: wanted })
      expect(
        found.map(({ id }) => id),
        wanted,
      ).toEqual([person.id])
    }
    expect(await listPeople({ store }, eva, { ...page, name: 'Петренко' })).toEqual([])
    const listed = await listPeople({ store }, eva, { ...page, name: undefined })
    expect(listed.map(({ names }) => names[0])).toEqual(['Шевченко Олена', 'Кравченко Сергій Петрович'])
  })

  test('needs a name or a number: when it is opened, changed and merged', async () => {
    const { store, eva } = await people()
    const needed = { code: 'bad_input', message: expect.stringContaining('a name or a number') as string }
    const bare = { ...missing, names: undefined }
    for (const input of [
      bare,
      { ...bare, names: [] },
      { ...bare, ref: null },
      { ...bare, ref: ' ' },
      { ...bare, names: [name('–')] },
      { ...bare, note: 'tall', affiliation: 'brigade', birthDate: '1990' },
    ])
      await expect(createPerson({ store }, eva, input), JSON.stringify(input)).rejects.toMatchObject(needed)
    await expect(createPerson({ store }, eva, { ...bare, names: [name('  ')] })).rejects.toMatchObject({
      code: 'bad_input',
    })
    expect(await listPeople({ store }, eva, { ...page, name: undefined })).toEqual([])
    const numbered = await createPerson({ store }, eva, { ...bare, status: 'unidentified_dead', ref: 'M-17' })
    const nothing = { ...NOTHING_OF_A_PERSON, names: undefined, id: numbered.person.id }
    await expect(changePerson({ store }, eva, { ...nothing, ref: null })).rejects.toMatchObject(needed)
    await changePerson({ store }, eva, { ...nothing, ref: null, names: [name('Бондар Іван')] })
    await expect(changePerson({ store }, eva, { ...nothing, names: [] })).rejects.toMatchObject(needed)

    // One of before this was asked for: the rest may be changed, and nothing is merged into it.
    const old = await createPerson({ store }, eva, missing)
    await writeByHand(store, (tx) =>
      tx.deleteFrom('person_name').where('person_id', '=', old.person.id).execute(),
    )
    await changePerson({ store }, eva, { ...nothing, id: old.person.id, note: 'tall' })
    const [from, into] = [numbered.person.id, old.person.id]
    const reason = 'the same'
    await expect(mergePeople({ store }, eva, { id: into, otherId: from, reason })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('neither a name nor a number') as string,
    })
    await mergePeople({ store }, eva, { id: from, otherId: into, reason })
  })

  test('that an import named is found too, and is kept by people from the first decision on', async () => {
    const { store, eva } = await people()
    const [faceId] = await faces(store, 1, 'P-1')
    const [found] = await listPeople({ store }, eva, { ...page, name: 'Ivan Bondar' })
    expect(found).toMatchObject({ ref: 'P-1', status: null, faces: 1 })
    const kept = await changePerson({ store }, eva, { ...missing, id: found.id })
    expect(kept).toMatchObject({ record: { status: 'missing' }, faces: [{ face_id: faceId, link: 'same' }] })
  })

  test('whose keys were made in an older way is found: they are made anew', async () => {
    const { store, eva } = await people()
    const { person } = await createPerson({ store }, eva, { ...missing, names: [name('Максименко Оксана')] })
    const { agency_id } = await store.db.selectFrom('person').select('agency_id').executeTakeFirstOrThrow()
    await store.db.deleteFrom('person_name_key').execute()
    // The empty key said that the person had been entered.
    const old = ['', 'hsmnk', 'smnk'].map((key) => ({ agency_id, key, person_id: person.id }))
    await store.db.insertInto('person_name_key').values(old).execute()
    const found = await listPeople({ store }, eva, { ...page, name: 'Maximenko Oxana' })
    expect(found.map(({ id }) => id)).toEqual([person.id])
    const keys = await store.db.selectFrom('person_name_key').select('key').execute()
    expect(keys.map(({ key }) => key)).not.toContain('')
  })

  test('is not there for another agency', async () => {
    const { store, eva } = await people()
    const { person } = await createPerson({ store }, eva, { ...missing, names: [name('Бондар')] })
    const other = await madeUpAccount(store, await madeUpAgency(store, 'Other'), 'Olha', ['supervisor'])
    await expect(showPerson({ store }, other, { id: person.id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await listPeople({ store }, other, { ...page, name: 'Бондар' })).toEqual([])
    const [faceId] = await faces(store, 1)
    const theirs = await createPerson({ store }, other, missing)
    const link = { id: theirs.person.id, faceId, link: 'same' as const }
    await expect(linkFace({ store }, other, link)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('with a reference that is taken is refused', async () => {
    const { store, eva } = await people()
    await createPerson({ store }, eva, { ...missing, ref: 'A-1' })
    await expect(createPerson({ store }, eva, { ...missing, ref: 'A-1' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test('leaves its name and form out of the audit log', async () => {
    const { store, eva } = await people()
    const anteMortem = [{ section: 'physical_description' as const, field: 'tattoos', value: 'a swallow' }]
    await createPerson({ store }, eva, { ...missing, names: [name('Кравченко')], anteMortem })
    await listPeople({ store }, eva, { ...page, name: 'Kravchenko' })
    const events = await store.db.selectFrom('audit_event').selectAll().execute()
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['person.create', 'person.look', 'person.find']),
    )
    expect(JSON.stringify(events)).not.toMatch(/Кравченко|Kravchenko|swallow/)
  })
})

describe('faces of a person', () => {
  test('can be linked, marked as not theirs, and unlinked', async () => {
    const { store, eva } = await people()
    const [faceId] = await faces(store, 1)
    const { person } = await createPerson({ store }, eva, missing)
    const link = (what: 'same' | 'not_same') =>
      linkFace({ store }, eva, { id: person.id, faceId, link: what })
    expect((await link('same')).faces).toMatchObject([{ face_id: faceId, link: 'same', origin: 'examiner' }])
    expect((await link('not_same')).faces).toMatchObject([{ link: 'not_same' }])
    expect((await unlinkFace({ store }, eva, { id: person.id, faceId })).faces).toEqual([])
    await expect(unlinkFace({ store }, eva, { id: person.id, faceId })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('erased by person leave no name, form, key or change behind', async () => {
    const { store, eva } = await people()
    const [faceId] = await faces(store, 1)
    const names = [name('Кравченко')]
    const { person } = await createPerson({ store }, eva, { ...missing, names })
    const other = await createPerson({ store }, eva, missing)
    await linkFace({ store }, eva, { id: person.id, faceId, link: 'same' })
    await mergePeople({ store }, eva, { id: person.id, otherId: other.person.id, reason: 'the same' })
    await eraseMedia(withIndex(store), localOperator('eraser'), {
      target: { kind: 'person', person: person.id },
      reason: 'asked for',
      dryRun: false,
    })
    for (const table of ['person_name', 'person_name_key', 'person_change', 'person_face'] as const) {
      const rows = await store.db.selectFrom(table).selectAll().execute()
      expect(JSON.stringify(rows), table).not.toContain(person.id)
    }
    await expect(showPerson({ store }, eva, { id: person.id })).rejects.toMatchObject({ code: 'not_found' })
  })
})

/** Two persons with two faces each; the last face of each is the same one. */
async function two() {
  const { store, eva } = await people()
  const [a, b, shared] = await faces(store, 3)
  const first = await createPerson({ store }, eva, { ...missing, names: [name('Бондар Іван')] })
  const second = await createPerson({ store }, eva, { ...missing, names: [name('Bondar Ivan')] })
  const ids = [first.person.id, second.person.id]
  for (const [id, faceId] of [
    [ids[0], a],
    [ids[0], shared],
    [ids[1], b],
    [ids[1], shared],
  ]) {
    await linkFace({ store }, eva, { id, faceId, link: 'same' })
  }
  return { store, eva, ids, a, b, shared }
}
const linked = async ({ store, eva }: { store: Store; eva: AccountActor }, id: string) =>
  (await showPerson({ store }, eva, { id })).faces.map((face) => face.face_id).toSorted()

describe('merge and split', () => {
  test('a merge can be undone, and then all is as it was', async () => {
    const made = await two()
    const { store, eva, ids } = made
    const before = [await linked(made, ids[0]), await linked(made, ids[1])]
    const merged = await mergePeople({ store }, eva, {
      id: ids[0],
      otherId: ids[1],
      reason: 'same tattoo',
    })
    expect(await linked(made, ids[0])).toEqual([made.a, made.b, made.shared].toSorted())
    expect(await linked(made, ids[1])).toEqual([])
    expect(await listPeople({ store }, eva, { ...page, name: 'Bondar' })).toHaveLength(1)
    await expect(changePerson({ store }, eva, { ...missing, id: ids[1] })).rejects.toMatchObject({
      code: 'conflict',
    })
    const [change] = merged.changes
    await undoChange({ store }, eva, { id: change.id, reason: 'another tattoo' })
    expect([await linked(made, ids[0]), await linked(made, ids[1])]).toEqual(before)
    expect(await listPeople({ store }, eva, { ...page, name: 'Bondar' })).toHaveLength(2)
    const again = undoChange({ store }, eva, { id: change.id, reason: 'x' })
    await expect(again).rejects.toMatchObject({ code: 'conflict' })
  })

  test('a face that is not one of them keeps two records apart', async () => {
    const made = await two()
    const { store, eva, ids, b } = made
    await linkFace({ store }, eva, { id: ids[0], faceId: b, link: 'not_same' })
    const merge = mergePeople({ store }, eva, { id: ids[0], otherId: ids[1], reason: 'x' })
    await expect(merge).rejects.toMatchObject({ code: 'conflict' })
    expect(await linked(made, ids[1])).toEqual([b, made.shared].toSorted())
  })

  test('what is split off needs a name or a number, and is found by it', async () => {
    const made = await two()
    const { store, eva, ids, a, shared } = made
    const split = (of: { name?: string; ref?: string }) =>
      splitPerson({ store }, eva, { id: ids[0], faces: [a], reason: 'somebody else', ...of })
    for (const of of [{}, { name: '–' }, { ref: ' ' }, { name: '?', ref: '–' }])
      await expect(split(of), JSON.stringify(of)).rejects.toMatchObject({
        code: 'bad_input',
        message: expect.stringContaining('a name or a number') as string,
      })
    expect(await linked(made, ids[0])).toEqual([a, shared].toSorted())
    const { person } = await split({ name: 'Олійник Петро' })
    expect(await linked(made, person.id)).toEqual([a])
    const found = await listPeople({ store }, eva, { ...page, name: 'Petro Oliinyk' })
    expect(found.map(({ id }) => id)).toEqual([person.id])
  })

  test('a split can be undone, not while a later merge stands on it', async () => {
    const made = await two()
    const { store, eva, ids, a, shared } = made
    const split = await splitPerson({ store }, eva, {
      id: ids[0],
      faces: [a],
      ref: 'M-18',
      reason: 'somebody else',
    })
    expect(await linked(made, ids[0])).toEqual([shared])
    expect(await linked(made, split.person.id)).toEqual([a])
    const [change] = split.changes
    const merged = await mergePeople({ store }, eva, { id: ids[1], otherId: split.person.id, reason: 'y' })
    const early = undoChange({ store }, eva, { id: change.id, reason: 'z' })
    await expect(early).rejects.toMatchObject({ code: 'conflict' })
    await undoChange({ store }, eva, { id: merged.changes.at(-1)!.id, reason: 'z' })
    await undoChange({ store }, eva, { id: change.id, reason: 'z' })
    expect(await linked(made, ids[0])).toEqual([a, shared].toSorted())
    expect((await showPerson({ store }, eva, { id: split.person.id })).record?.retired_by).toBe(change.id)
  })
})
