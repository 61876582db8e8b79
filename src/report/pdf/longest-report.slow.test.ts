import path from 'node:path'
import { extractText, getDocumentProxy } from 'unpdf'
import { expect, test } from 'vitest'
import { longestReport, longestWritten } from '../../../test/support/longest-report.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import { openSigningKey } from '../../audit/signing-key.ts'
import type { ReportContent } from '../report-content.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { renderPdf } from './render-pdf.ts'

/** What people write in those requests and no report repeats: it is for the agency's own work. */
const NOT_REPORTED = new Set([
  'createCase.title',
  'createPerson.ref',
  'createPerson.affiliation',
  'createPerson.note',
  'createPerson.anteMortem.field',
  'createPerson.anteMortem.value',
  'createPerson.postMortem.field',
  'createPerson.postMortem.value',
  'createCollection.lawfulBasis',
  'importFile.note',
  'importFile.personName',
  'importFile.personRef',
  'importFile.other',
  'invite.email',
])

test('every field, as long as the contract allows, stands in the sealed PDF to its last character', async () => {
  const { content, used, words } = longestReport()
  expect([...longestWritten().keys()].filter((name) => !used.has(name) && !NOT_REPORTED.has(name))).toEqual(
    [],
  )
  const key = openSigningKey(path.join(scratchFolder(), 'key.pem'))
  const bytes = await renderPdf(content, [], key)
  const read = await getDocumentProxy(new Uint8Array(bytes))
  const { text } = await extractText(read, { mergePages: true })
  // Words longer than a line are broken where it ends, and readers of PDF give what stands between words in ways of their own.
  const found = text.normalize('NFC').replaceAll(/[\s\p{Cc}]/gu, '')
  const lost = [...words].flatMap(([name, own]) =>
    own.filter((word) => !found.includes(word.normalize('NFC'))).map((word) => `${name}: ${word}`),
  )
  expect(lost).toEqual([])
})

test.each(['en', 'uk'] as const)(
  'the word for the examined candidate is whole in its column (%s)',
  async (language) => {
    const { content } = longestReport()
    const { examined } = reportTexts(language).labels
    const candidate = {
      rank: 1,
      faceId: 'face',
      mediaSha256: 'ab'.repeat(32),
      similarity: 0.61,
      strangersExpected: 0.02,
    }
    const report: ReportContent = {
      ...content,
      about: { ...content.about, language },
      search: { ...content.search, candidates: [candidate], examinedRank: 1 },
    }
    const bytes = await renderPdf(report, [], openSigningKey(path.join(scratchFolder(), 'key.pem')))
    const { text } = await extractText(await getDocumentProxy(new Uint8Array(bytes)), { mergePages: true })
    expect(text.includes(`(${examined})`), examined).toBe(true)
  },
)
