import { expect, test } from 'vitest'
import { readPfif } from './read-pfif.ts'
import type { PersonRow } from './person-row.ts'

function pfif(version: string, ...parts: string[]): string {
  const prefixed = parts.join('').replaceAll(/<(\/?)(\w)/g, '<$1pfif:$2')
  return `<?xml version="1.0" encoding="UTF-8"?><pfif:pfif xmlns:pfif="http://zesty.ca/pfif/${version}">${prefixed}</pfif:pfif>`
}

function personOf(text: string): PersonRow {
  const [row] = readPfif(text, '2024-01-01')
  if (!row.ok) throw new Error(row.reason)
  return row.person
}

const ID = '<person_record_id>example.org/person.1</person_record_id>'

test.each(['1.1', '1.2', '1.3'])(
  'PFIF %s: names, address and description of the elements it has',
  (version) => {
    const whole = version === '1.3' ? '<full_name>Іван Коваль</full_name>' : ''
    const person = personOf(
      pfif(
        version,
        `<person>${ID}${whole}<first_name>Іван</first_name><last_name>Коваль</last_name><home_city>Буча</home_city>`,
        `<home_zip>08292</home_zip><other>description:\n  blue coat\n  grey hat\nautomatic: yes</other></person>`,
      ),
    )
    expect(person.names).toMatchObject([{ given: 'Іван', family: 'Коваль', written: 'Іван Коваль' }])
    expect(person.homeAddress).toBe('Буча, 08292')
    expect(person.note).toBe('blue coat\ngrey hat\nautomatic: yes')
  },
)

test('PFIF 1.4 as before, and a document that names no version', () => {
  const inside = `<person>${ID}<given_name>Іван</given_name><family_name>Коваль</family_name><description>blue coat</description></person>`
  for (const text of [pfif('1.4', inside), pfif('1.4', inside).replace(/ xmlns:pfif="[^"]*"/, '')]) {
    expect(personOf(text)).toMatchObject({ note: 'blue coat', names: [{ written: 'Іван Коваль' }] })
  }
})

test.each(['1.0', '1.5', '2.0', 'x'])(
  'PFIF %s is refused by its name, with those that are read',
  (version) => {
    expect(() => readPfif(pfif(version, `<person>${ID}</person>`), '2024-01-01')).toThrow(
      new RegExp(`PFIF ${version}; versions 1.1 to 1.4`),
    )
  },
)

const note = (date: string, place: string, rest = ''): string =>
  `<note>${date}<last_known_location>${place}</last_known_location>${rest}</note>`

test('the newest note says where somebody was last, whatever order notes stand in', () => {
  const notes = [
    note('<source_date>2022-03-09T00:00:00Z</source_date>', 'Irpin', '<text>third</text>'),
    note('<entry_date>2022-03-12T10:00:00Z</entry_date>', 'Kyiv', '<text>last</text>'),
    note('', 'nowhere', '<text>undated</text><found>false</found>'),
    note('<source_date>2022-03-05T00:00:00Z</source_date>', 'Bucha', '<text>first</text>'),
    '<note><source_date>2022-03-20T00:00:00Z</source_date><text>no place</text></note>',
  ]
  for (const order of [notes, notes.toReversed()]) {
    const person = personOf(pfif('1.2', `<person>${ID}<first_name>A</first_name>${order.join('')}</person>`))
    expect(person.lastSeenPlace).toBe('Kyiv')
    const texts = person.note!.split('\n').map((line) => /(\w+( place)?)( · found: false)?$/.exec(line)![1])
    expect(texts).toEqual(['undated', 'first', 'third', 'last', 'no place'])
  }
})
