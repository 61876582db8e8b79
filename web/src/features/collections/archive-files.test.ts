import { expect, test } from 'vitest'
import { inCodePage, zipOf } from '../../../../test/support/hostile-archives.ts'
import { refusalOf, sendables } from './archive-files.ts'

const photo = Buffer.from('photo')

const reasonOf = async (read: Promise<unknown>): Promise<string | null> =>
  read.then(
    () => 'read',
    (error: Error) => refusalOf(error.message),
  )

test('a zip is opened with its names in their code page, whatever stands after its end, and says what is not read', async () => {
  const zip = zipOf([
    { name: inCodePage('Фото/Снимок 1.jpg', 'ibm866'), bytes: photo },
    { name: Buffer.from('b.jpg'), bytes: photo, method: 12 },
    { name: Buffer.from('c.jpg'), bytes: photo, encrypted: true },
  ])
  const file = new File([new Uint8Array(zip), new Uint8Array(700_000)], 'a.zip')
  const [one, two, three] = await sendables([{ name: 'a.zip', file }])
  expect([one.name, two.name, three.name]).toEqual(['a.zip/Фото/Снимок 1.jpg', 'a.zip/b.jpg', 'a.zip/c.jpg'])
  expect(Buffer.from(await one.read()).equals(photo)).toBe(true)
  expect(await reasonOf(two.read())).toBe('unsupported_compression')
  expect(await reasonOf(three.read())).toBe('encrypted_entry')
})
