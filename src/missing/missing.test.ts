import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { storeWithCollection } from '../../test/support/enrolled-record.ts'
import { NOTHING_OF_A_PERSON } from '../../test/support/nothing-of-a-person.ts'
import { agencyOfRecord, madeUpAccount, madeUpAgency } from '../../test/support/made-up-accounts.ts'
import type { AccountActor } from '../actor/actor.ts'
import type { Role } from '../contract/roles.ts'
import type { RecordBasis } from '../contract/missing-words.ts'
import { eraseExpiredPeople } from '../retention/expired-people.ts'
import { localOperator } from '../actor/actor.ts'
import { mergePeople, undoChange } from '../people/merge-and-split.ts'
import { createPerson } from '../people/save-person.ts'
import { showPerson } from '../people/show-person.ts'
import type { Store } from '../store/store.ts'
import { addContact, listContacts } from './contacts.ts'
import { findDisappearance, saveDisappearance, type DisappearanceFacts } from './disappearance.ts'
import { changeEnquiryState, listEnquiries, openEnquiry, recordAnswer, showEnquiry } from './enquiries.ts'
import { exportPeople } from './export-people.ts'
import { importPeople } from './import-people.ts'
import { MAX_PEOPLE_FILE_BYTES } from './people-file/person-row.ts'

const FACTS: DisappearanceFacts = {
  lastSeenOn: '2022-03',
  lastSeenPlace: 'Буча',
  marks: 'scar on the left hand',
  clothing: null,
  circumstances: null,
  photoUrls: null,
  basis: 'consent',
  basisDetail: 'the mother, in writing, 2022-04-02',
  mayPublish: true,
  keepUntil: null,
}
const CONTACT = {
  name: 'Ганна Бондар',
  relation: 'mother',
  telephone: '+380 44 000 00 00',
  email: null,
  address: null,
  note: null,
}

async function office(): Promise<{ store: Store; account: (...roles: Role[]) => Promise<AccountActor> }> {
  const store = await storeWithCollection()
  const agencyId = await agencyOfRecord(store)
  return { store, account: (...roles) => madeUpAccount(store, agencyId, roles.join(' '), roles) }
}

function missing(store: Store, actor: AccountActor, ref?: string) {
  return createPerson({ store }, actor, { ...NOTHING_OF_A_PERSON, ref, status: 'missing' })
}

function take(
  store: Store,
  actor: AccountActor,
  text: string | Uint8Array,
  options: { dryRun?: boolean; basis?: RecordBasis } = {},
) {
  return importPeople({ store }, actor, {
    bytes: typeof text === 'string' ? Buffer.from(text) : text,
    status: 'missing',
    basis: options.basis ?? 'legal',
    basisDetail: 'Order 12/2022',
    dryRun: options.dryRun ?? false,
    signal: new AbortController().signal,
  })
}

const page = { state: undefined, personId: undefined, before: undefined, limit: 50 }

async function asked(store: Store, liaison: AccountActor) {
  const { person } = await missing(store, liaison)
  return openEnquiry({ store }, liaison, {
    personId: person.id,
    enquirer: 'Ганна Бондар',
    relation: 'mother',
    telephone: null,
    email: null,
    address: null,
    receivedOn: '2022-04-02',
    channel: 'letter',
    question: 'Where is my son?',
  })
}

describe('contacts', () => {
  test('are read and written by liaison only, and each look is written down', async () => {
    const { store, account } = await office()
    const liaison = await account('liaison')
    const { person } = await missing(store, liaison)
    await addContact({ store }, liaison, { ...CONTACT, personId: person.id })
    expect(await listContacts({ store }, liaison, { personId: person.id })).toMatchObject([CONTACT])
    for (const role of ['examiner', 'supervisor', 'administrator', 'curator', 'auditor'] as const) {
      const other = await account(role)
      await expect(listContacts({ store }, other, { personId: person.id }), role).rejects.toMatchObject({
        code: 'not_allowed',
      })
    }
    const shown = JSON.stringify(await showPerson({ store }, await account('examiner'), { id: person.id }))
    expect(shown).not.toMatch(/Бондар|\+380/)
    const events = await store.db.selectFrom('audit_event').select(['action', 'details']).execute()
    expect(events.map(({ action }) => action)).toContain('contact.look')
    expect(JSON.stringify(events)).not.toMatch(/Бондар|\+380/)
  })
})

describe('enquiries', () => {
  test('get the next number of the year, answers with who gave them, and an end', async () => {
    const { store, account } = await office()
    const liaison = await account('liaison')
    const first = await asked(store, liaison)
    const second = await asked(store, liaison)
    const year = new Date().getUTCFullYear()
    expect([first.number, second.number]).toEqual([`${year}-0001`, `${year}-0002`])
    const answer = {
      id: first.id,
      answer: 'Ask the bureau.',
      givenBy: 'I. Petrenko',
      channel: 'telephone',
    } as const
    await expect(
      recordAnswer({ store }, liaison, { ...answer, givenOn: '2022-04-01' }),
    ).rejects.toMatchObject({ code: 'bad_input' })
    const answered = await recordAnswer({ store }, liaison, { ...answer, givenOn: '2022-04-05' })
    expect(answered).toMatchObject({ state: 'answered', answers: [{ given_by: 'I. Petrenko' }] })
    const closing = { id: first.id, state: 'closed', reason: 'settled' } as const
    expect(await changeEnquiryState({ store }, liaison, closing)).toMatchObject({ state: 'closed' })
    await expect(
      recordAnswer({ store }, liaison, { ...answer, givenOn: '2022-04-06' }),
    ).rejects.toMatchObject({
      code: 'conflict',
    })
    const open = await listEnquiries({ store }, liaison, { ...page, state: 'open' })
    expect(open.map(({ id }) => id)).toEqual([second.id])
    // The newest goes with its person; its number stands in a letter, and is nobody else's.
    await saveDisappearance({ store }, liaison, {
      ...FACTS,
      personId: second.person_id,
      keepUntil: '2022-06-01',
    })
    await eraseExpiredPeople({ store }, localOperator('retention'), '2022-06-02', undefined)
    await expect(showEnquiry({ store }, liaison, { id: second.id })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect((await asked(store, liaison)).number).toBe(`${year}-0003`)
  })

  test('are there for liaison of the own agency only', async () => {
    const { store, account } = await office()
    const { id } = await asked(store, await account('liaison'))
    const elsewhere = await madeUpAccount(store, await madeUpAgency(store, 'Other'), 'Olha', ['liaison'])
    await expect(showEnquiry({ store }, elsewhere, { id })).rejects.toMatchObject({ code: 'not_found' })
    await expect(showEnquiry({ store }, await account('supervisor'), { id })).rejects.toMatchObject({
      code: 'not_allowed',
    })
  })
})

describe('files of people', () => {
  test('in CSV are taken, once, each row with what came of it', async () => {
    const { store, account } = await office()
    const liaison = await account('liaison')
    const text = [
      'ref;full_name;birth_date;last_seen_place;contact_name;contact_telephone;eye colour',
      'A-1;Кравченко Сергій;1990-05;Буча;Ганна;+380 1;grey',
      'A-2;Шевченко Олена;1990-15;;;;',
      'A-1;Somebody else;;;;;',
      ';Без номера;;;;;',
    ].join('\n')
    const result = await take(store, liaison, text)
    expect(result).toMatchObject({ format: 'csv', created: 2, held: 0, refused: 2, contactsLeftOut: 0 })
    expect(result.rows[1].reason).toMatch(/birth_date.*1990-15/)
    expect(result.rows[2].reason).toMatch(/A-1 twice/)
    const personId = result.rows[0].personId!
    expect(await showPerson({ store }, liaison, { id: personId })).toMatchObject({
      person: { ref: 'A-1' },
      record: { status: 'missing', birth_date: '1990-05', note: 'eye_colour: grey' },
      names: [{ written: 'Кравченко Сергій', script: 'Cyrl' }],
    })
    expect(await findDisappearance(store.db, personId)).toMatchObject({
      last_seen_place: 'Буча',
      basis: 'legal',
      basis_detail: 'Order 12/2022',
      may_publish: 0,
    })
    expect(await listContacts({ store }, liaison, { personId })).toMatchObject([{ telephone: '+380 1' }])
    expect(await take(store, liaison, text)).toMatchObject({ created: 0, held: 2, refused: 2 })
  })

  test('in another encoding, and without a change when only tried', async () => {
    const { store, account } = await office()
    const supervisor = await account('supervisor')
    // 'Бондар' in Windows-1251.
    const cyrillic = Buffer.from([0xc1, 0xee, 0xed, 0xe4, 0xe0, 0xf0])
    const bytes = Buffer.concat([
      Buffer.from('ref,full_name,contact_name\nB-1,'),
      cyrillic,
      Buffer.from(',Hanna\n'),
    ])
    expect(await take(store, supervisor, bytes, { dryRun: true })).toMatchObject({
      created: 1,
      rows: [{ name: 'Бондар', personId: null }],
    })
    expect(await store.db.selectFrom('person').selectAll().execute()).toEqual([])
    expect(await take(store, supervisor, bytes)).toMatchObject({ created: 1, contactsLeftOut: 1 })
    expect(await store.db.selectFrom('person_contact').selectAll().execute()).toEqual([])
  })

  test('in PFIF 1.4 are taken with what others say kept as text', async () => {
    const { store, account } = await office()
    const liaison = await account('liaison')
    const text = readFileSync(new URL('./people-file/example.pfif.xml', import.meta.url), 'utf8')
    const result = await take(store, liaison, text)
    expect(result).toMatchObject({ format: 'pfif', created: 1, refused: 1 })
    expect(result.rows[1].reason).toMatch(/expired on 2012-08-01/)
    const shown = await showPerson({ store }, liaison, { id: result.rows[0].personId! })
    expect(shown).toMatchObject({
      person: { ref: 'register.example/person.17' },
      record: { status: 'missing', birth_date: '1980', birth_approximate: 1 },
    })
    expect(shown.names.map(({ written }) => written)).toEqual(['Olena Shevchenko', 'Шевченко Олена'])
    expect(shown.record!.note).toMatch(/believed_dead.*Seen at the station/)
    expect(await findDisappearance(store.db, shown.person.id)).toMatchObject({
      last_seen_place: 'Irpin, bridge',
      photo_urls: 'https://register.example/17.jpg',
      keep_until: '2999-01-31',
    })
  })

  test('go out as CSV and PFIF and come back the same, without contacts', async () => {
    const { store, account } = await office()
    const liaison = await account('liaison')
    const taken = await take(
      store,
      liaison,
      'ref,family_name,given_name,patronymic,full_name,other_names,birth_date,sex,marks,keep_until,contact_name\n' +
        'C-1,Бондар,Іван,Петрович,Бондар Іван Петрович,Ivan Bondar; =cmd,1985-02-03,male,"a ""swallow"", left",2999-12-31,Hanna\n',
    )
    expect(taken).toMatchObject({ created: 1, refused: 0 })
    const csv = await exportPeople({ store }, liaison, {
      format: 'csv',
      status: 'missing',
      domain: 'a.example',
    })
    const pfif = await exportPeople({ store }, liaison, {
      format: 'pfif',
      status: 'missing',
      domain: 'a.example',
    })
    expect(csv + pfif).not.toContain('Hanna')
    expect(csv).not.toMatch(/(^|,)=cmd/m)
    const other = await madeUpAccount(store, await madeUpAgency(store, 'Other'), 'Olha', ['liaison'])
    await take(store, other, csv)
    expect(
      await exportPeople({ store }, other, { format: 'csv', status: 'missing', domain: 'b.example' }),
    ).toBe(csv)
    const third = await madeUpAccount(store, await madeUpAgency(store, 'Third'), 'Ivan', ['liaison'])
    const { rows } = await take(store, third, pfif)
    expect(await showPerson({ store }, third, { id: rows[0].personId! })).toMatchObject({
      record: { birth_date: '1985-02-03' },
      names: [{ family: 'Бондар', given: 'Іван' }, { written: 'Ivan Bondar' }, { written: '=cmd' }],
    })
  })

  test('that are no such files are refused with the reason', async () => {
    const { store, account } = await office()
    const liaison = await account('liaison')
    const cases: [string | Uint8Array, RegExp][] = [
      ['', /column names/],
      ['one,two\n1,2\n', /column names/],
      ['<html><body/></html>', /PFIF/],
      ['<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4"><pfif:person>', /not XML/],
      ['<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><pfif>&b;</pfif>', /document type/],
      [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0x0d]), /not text|column names/],
      [Buffer.alloc(MAX_PEOPLE_FILE_BYTES + 1, 'a'), /MAX_PEOPLE_FILE_BYTES/],
      [`ref\n${'x\n'.repeat(5001)}`, /MAX_PEOPLE_ROWS/],
    ]
    for (const [text, reason] of cases) await expect(take(store, liaison, text)).rejects.toThrow(reason)
    expect(await store.db.selectFrom('person').selectAll().execute()).toEqual([])
  })

  test('are read one at a time of each agency, whatever their format, and of several agencies at once', async () => {
    const { store, account } = await office()
    const liaison = await account('liaison')
    const colleague = await account('supervisor')
    const other = await madeUpAccount(store, await madeUpAgency(store, 'Lviv'), 'Lida', ['liaison'])
    const csv = 'ref,family\n1,Бондар\n'
    const pfif = '<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4"/>'
    const taken = await Promise.allSettled([
      take(store, liaison, csv),
      take(store, colleague, pfif),
      take(store, liaison, csv, { dryRun: true }),
      take(store, other, csv),
    ])
    expect(taken.map((one) => (one.status === 'fulfilled' ? one.value.created : one.reason))).toMatchObject([
      1,
      { code: 'busy' },
      { code: 'busy' },
      1,
    ])
    expect((await take(store, liaison, csv)).held).toBe(1)
  })

  test('of the dead do not go out as PFIF, which is for public registers', async () => {
    const { store, account } = await office()
    const liaison = await account('liaison')
    const dead = { format: 'pfif', status: 'unidentified_dead', domain: 'a.example' } as const
    await expect(exportPeople({ store }, liaison, dead)).rejects.toMatchObject({ code: 'bad_input' })
  })
})

describe('a record that may be kept until a day', () => {
  test('is erased after it, with all that stands with it', async () => {
    const { store, account } = await office()
    const liaison = await account('liaison')
    const { person } = await missing(store, liaison)
    const kept = await missing(store, liaison)
    await saveDisappearance({ store }, liaison, { ...FACTS, personId: person.id, keepUntil: '2026-01-31' })
    await saveDisappearance({ store }, liaison, { ...FACTS, personId: kept.person.id })
    await addContact({ store }, liaison, { ...CONTACT, personId: person.id })
    const operator = localOperator('retention job')
    expect(await eraseExpiredPeople({ store }, operator, '2026-01-31', undefined)).toBe(0)
    expect(await eraseExpiredPeople({ store }, operator, '2026-02-01', undefined)).toBe(1)
    await expect(showPerson({ store }, liaison, { id: person.id })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await store.db.selectFrom('person_contact').selectAll().execute()).toEqual([])
    expect(await findDisappearance(store.db, kept.person.id)).toBeDefined()
    expect(await store.db.selectFrom('tombstone').selectAll().execute()).toMatchObject([
      { kind: 'retention' },
    ])
  })
})

describe('a merge', () => {
  test('takes contacts along, and gives them back when it is undone', async () => {
    const { store, account } = await office()
    const both = await account('liaison', 'supervisor')
    const a = await missing(store, both)
    const b = await missing(store, both)
    await addContact({ store }, both, { ...CONTACT, personId: b.person.id })
    const merged = await mergePeople({ store }, both, {
      id: a.person.id,
      otherId: b.person.id,
      reason: 'the same',
    })
    expect(await listContacts({ store }, both, { personId: a.person.id })).toHaveLength(1)
    await undoChange({ store }, both, { id: merged.changes[0].id, reason: 'not the same' })
    expect(await listContacts({ store }, both, { personId: a.person.id })).toHaveLength(0)
    expect(await listContacts({ store }, both, { personId: b.person.id })).toHaveLength(1)
  })
})
