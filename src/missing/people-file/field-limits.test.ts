import { expect, test } from 'vitest'
import { MAX_LIST_COLUMNS } from '../../sources/list-rows.ts'
import { LONGEST_LINE, LONGEST_TEXT } from '../../contract/values.ts'
import { MAX_ROW_NAMES, MAX_ROW_NOTE_LENGTH, PEOPLE_COLUMNS, type PeopleFile } from './person-row.ts'
import { readPeopleFile } from './read-people-file.ts'

const LISTED = 'other_names'
const LONG = new Set(['marks', 'clothing', 'circumstances', 'basis_detail', 'photo_urls', 'contact_address'])
/** What is wrong with these is not their length: they are dates and words of a list. */
const CHECKED = new Set(['birth_date', 'last_seen_on', 'keep_until', 'status', 'basis', 'birth_approximate'])

function read(text: string): Promise<PeopleFile> {
  return readPeopleFile(Buffer.from(text), '2024-01-01', new AbortController().signal)
}

function note(of: string, text: string): string {
  return `<note><person_record_id>${of}</person_record_id><text>${text}</text></note>`
}

/** Reasons by row; undefined: it was taken. */
function reasons({ rows }: PeopleFile): (string | undefined)[] {
  return rows.map((row) => (row.ok ? undefined : row.reason))
}

test.each([...PEOPLE_COLUMNS, 'shoe_size'])(
  'a %s that is too long is named with its row; the next row is taken',
  async (name) => {
    const limit = LONG.has(name)
      ? LONGEST_TEXT
      : name === 'note' || name === 'shoe_size'
        ? MAX_ROW_NOTE_LENGTH
        : LONGEST_LINE
    const most = CHECKED.has(name)
      ? undefined
      : 'x'.repeat(limit - (name === 'shoe_size' ? 'shoe_size: '.length : 0))
    const columns = [...new Set(['ref', 'full_name', name])]
    const row = (ref: string, value: string) =>
      columns.map((column) => (column === name ? value : column === 'ref' ? ref : 'Іван Коваль')).join(',')
    const file = await read(
      `${columns.join(',')}\n${row('1', 'x'.repeat(limit + 1))}\n${row('2', most ?? '')}\n`,
    )
    expect(reasons(file)[0]).toContain(`The field ${name} has ${limit + 1} characters`)
    expect(file.rows[0]).toMatchObject({ ok: false, row: 2 })
    expect(reasons(file)[1]).toBeUndefined()
  },
)

test.each([
  'person_record_id',
  'full_name',
  'given_name',
  'family_name',
  'alternate_names',
  'date_of_birth',
  'expiry_date',
  'sex',
  'home_city',
  'author_name',
  'author_email',
  'description',
  'photo_url',
  'profile_urls',
])('a %s of PFIF that is too long is named with its person; the next is taken', async (name) => {
  const long = 'x'.repeat(MAX_ROW_NOTE_LENGTH + 1)
  const person = (id: string, value: string) => {
    const own = name === 'person_record_id' ? `${id}${value}` : id
    const rest = name === 'person_record_id' ? '' : `<${name}>${value}</${name}>`
    return `<person><person_record_id>${own}</person_record_id>${rest}</person>`
  }
  const file = await read(`<pfif>${person('a', long)}${person('b', '')}</pfif>`)
  expect(reasons(file)[0]).toContain(`The field ${name} has`)
  expect(file.rows[0]).toMatchObject({ ok: false, row: 1 })
  expect(file.rows[1]).toMatchObject({ ok: true })
})

test('notes of one person may not be endless together, nor too long each; those of others are taken', async () => {
  const people = ['a', 'b', 'c']
    .map((id) => `<person><person_record_id>${id}</person_record_id></person>`)
    .join('')
  const many = note('a', 'x'.repeat(LONGEST_TEXT)).repeat(6)
  const file = await read(
    `<pfif>${people}${many}${note('b', 'x'.repeat(MAX_ROW_NOTE_LENGTH + 1))}${note('c', 'seen in Бровари')}</pfif>`,
  )
  expect(reasons(file)).toEqual([
    expect.stringContaining('The field note has'),
    expect.stringContaining('The field note has'),
    undefined,
  ])
})

test('more names than are kept are said, not dropped', async () => {
  const names = Array.from({ length: MAX_ROW_NAMES + 1 }, (_, at) => `Назва ${at}`).join('; ')
  expect(reasons(await read(`ref,${LISTED}\n1,${names}\n`))).toEqual([
    `The field ${LISTED} has ${MAX_ROW_NAMES + 1} names; MAX_ROW_NAMES is ${MAX_ROW_NAMES}.`,
  ])
})

test('a table of more columns than anybody has, a quote that never ends and a file of nothing but tags are refused by name', async () => {
  const columns = Array.from({ length: MAX_LIST_COLUMNS + 1 }, (_, at) => `c${at}`)
  await expect(read(`${columns.join(',')}\n`)).rejects.toThrow('MAX_LIST_COLUMNS')
  await expect(read(`ref,full_name\n1,"${'Іван \n'.repeat(300_000)}`)).rejects.toThrow(
    'Max Record Size: record exceed the maximum number of tolerated bytes of 1048576 at line',
  )
  await expect(read(`<pfif>${'<a/>'.repeat(700_000)}</pfif>`)).rejects.toThrow('MAX_PFIF_TAGS')
})
