import { buffer } from 'node:stream/consumers'
// oxlint-disable-next-line import/no-named-as-default -- its types know the default only
import PDFDocument from 'pdfkit'
import { extractText, getDocumentProxy } from 'unpdf'
import { expect, test } from 'vitest'
import { PageWriter } from './page-writer.ts'
import { registerFonts } from './fonts.ts'

/** The longest text that the contract allows in one field. */
const LONGEST = 4000

async function textOf(write: (writer: PageWriter) => void): Promise<string> {
  const pdf = new PDFDocument({ autoFirstPage: false, bufferPages: true })
  const bytes = buffer(pdf)
  registerFonts(pdf)
  const frame = { head: '', foot: '', watermark: '', page: '', of: '' }
  write(new PageWriter(pdf, frame))
  pdf.end()
  const read = await getDocumentProxy(new Uint8Array(await bytes))
  return (await extractText(read, { mergePages: true })).text
}

/** A text whose every word is another, so that a lost one is missed. */
function longText(words: string): string {
  const parts: string[] = []
  for (let number = 0; parts.join(' ').length < LONGEST; number++) parts.push(`${words}${number}`)
  return parts.join(' ').slice(0, LONGEST)
}

/** Without what stands between words, which readers of PDF give in ways of their own. */
const bare = (text: string): string => text.replaceAll(/[\s\p{Cc}]/gu, '')
const WRITERS: [string, (writer: PageWriter, text: string) => void][] = [
  ['a paragraph', (writer, text) => writer.paragraph(text)],
  ['a notice', (writer, text) => writer.notice(text)],
  ['a fact', (writer, text) => writer.facts([['Label', text]])],
  [
    'a narrow cell of a table',
    (writer, text) =>
      writer.table(
        [
          { title: 'A', share: 1 },
          { title: 'B', share: 9 },
        ],
        [
          ['before', 'x'],
          [text, 'beside'],
          ['after', 'y'],
        ],
      ),
  ],
]

test.each(WRITERS)('the longest text in %s is there to its last character', async (_, write) => {
  const text = longText('слово')
  const found = bare(await textOf((writer) => write(writer, text)))
  const missing = text.split(' ').filter((word) => !found.includes(word))
  expect(missing).toEqual([])
})

test.each([
  ['Ukrainian', 'Євгенія Ґалаґан’юк'],
  ['Georgian', 'გიორგი ბერიძე'],
  ['Armenian', 'Հայկ Պետրոսյան'],
  ['Greek', 'Ἀλέξανδρος Παπαδόπουλος'],
  ['Vietnamese', 'Nguyễn Thị Ánh Tuyết'],
  ['Chinese, simplified', '张伟、李娜、刘镕喆'],
  ['Chinese, traditional', '張偉、陳龍、劉德華（臺灣）'],
  ['Japanese', '髙橋さくら、山﨑ケンジ、渡邊'],
  ['Korean', '김철수 박지민 뷁'],
  ['Thai', 'สมชาย ใจดี'],
  ['Lao', 'ສົມໄຊ'],
  ['Ethiopic', 'አበበ ቢቂላ'],
])('%s stands in the PDF as it was written', async (_, name) => {
  expect(bare(await textOf((writer) => writer.facts([['Name', name]])))).toContain(
    bare(name.normalize('NFC')),
  )
})

test.each([
  ['Arabic', 'محمد عبد الله'],
  ['Hebrew', 'דוד לוי'],
  ['Syriac', 'ܝܘܚܢܢ'],
  ['Thaana', 'މުޙައްމަދު'],
  ['Hindi', 'नरेंद्र शर्मा'],
  ['Bengali', 'রবীন্দ্রনাথ'],
  ['Gujarati', 'નરેન્દ્ર'],
  ['Punjabi', 'ਗੁਰਪ੍ਰੀਤ'],
  ['Kannada', 'ಕೃಷ್ಣ'],
  ['Malayalam', 'കൃഷ്ണൻ'],
  ['Sinhala', 'මහින්ද'],
  ['Tamil', 'கண்ணன்'],
  ['Telugu', 'కృష్ణ'],
  ['Khmer', 'សុខា'],
  ['Burmese', 'အောင်ဆန်း'],
])('every letter of %s stands in the PDF', async (_, name) => {
  const found = (await textOf((writer) => writer.facts([['Name', name]]))).normalize('NFKC')
  expect(Array.from(bare(name)).filter((letter) => !found.includes(letter))).toEqual([])
  expect(found).not.toContain('U+')
})

test('a long text without spaces is broken between letters, marks kept with them', async () => {
  const [han, thai] = ['中'.repeat(300), 'กี้'.repeat(300)]
  const found = await textOf((writer) => writer.paragraph(`${han}\n${thai}`))
  expect(bare(found)).toBe(han + thai)
  expect(found.split('\n').filter((line) => /^\p{M}/u.test(line))).toEqual([])
})

test('a character that no font has is written as its code', async () => {
  const found = bare(await textOf((writer) => writer.paragraph('𓀀 and 😀')))
  expect(found).toContain('[U+13000]and[U+1F600]')
})
