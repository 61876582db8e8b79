import { hash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
// oxlint-disable-next-line import/no-named-as-default -- its types know the default only
import PDFDocument from 'pdfkit'
import type { SigningKey } from '../../audit/signing-key.ts'
import type { ReportContent, ReportPicture } from '../report-content.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { embed } from './embedded.ts'
import type { ReportTexts } from '../texts/text-shape.ts'
import { PageWriter } from './page-writer.ts'
import { sealPdf, type PageObjects } from './pdf-seal.ts'
import { writeComparisons } from './write-comparisons.ts'
import { writeResult } from './write-result.ts'
import { writeSource } from './write-source.ts'
import { registerFonts } from './fonts.ts'
import type { Pdf } from './pdf-document.ts'

/**
 * The report as a sealed PDF (A4). The same content, pictures and key give the same bytes: the time in the file is the
 * report's, its identifier follows from that, and nothing else depends on when or where it is made.
 */
export async function renderPdf(
  content: ReportContent,
  pictures: readonly ReportPicture[],
  key: SigningKey,
): Promise<Uint8Array> {
  const texts = reportTexts(content.about.language)
  const madeAt = new Date(content.about.madeAt)
  const pdf = new PDFDocument({
    autoFirstPage: false,
    bufferPages: true,
    pdfVersion: '1.7',
    lang: content.about.language,
    info: {
      Title: texts.title,
      Subject: content.about.reportId,
      Producer: 'Likeness',
      Creator: 'Likeness',
      CreationDate: madeAt,
      ModDate: madeAt,
    },
  })
  const bytes = buffer(pdf)
  registerFonts(pdf)
  const embedded = embed(pdf, pictures)
  const recipient = `${texts.recipients[content.about.recipient.kind]}: ${content.about.recipient.name}`
  const writer = new PageWriter(pdf, {
    head: `${texts.reportOf} ${content.about.reportId}\n${texts.forRecipient} ${recipient}`,
    foot: texts.caution,
    watermark: content.about.recipient.name,
    page: texts.page,
    of: texts.of,
  })
  writeSource(writer, content, embedded, texts)
  writeComparisons(writer, content, embedded, texts)
  writeResult(writer, content, texts)
  writeSeal(writer, content, key, texts)
  writer.finish()
  const pages = pageObjects(pdf)
  pdf.end()
  return sealPdf(content.about.reportId, await bytes, pages, key)
}

function writeSeal(writer: PageWriter, content: ReportContent, key: SigningKey, texts: ReportTexts): void {
  writer.heading(texts.sections.seal, 2)
  writer.paragraph(texts.sealText)
  writer.facts([[texts.labels.key, `Ed25519 ${key.id}`]])
  writer.table(
    [
      { title: texts.labels.section, share: 1 },
      { title: texts.labels.sectionSha256, share: 3 },
    ],
    Object.entries(content).map(([name, section]) => [name, hash('sha256', JSON.stringify(section))]),
  )
}

/** The objects that belong to one page: itself, what is drawn on it, and its list of resources. */
function pageObjects(pdf: Pdf): PageObjects {
  const { start, count } = pdf.bufferedPageRange()
  const pages = new Map<number, number[]>()
  for (let at = 0; at < count; at++) {
    pdf.switchToPage(start + at)
    const { dictionary, content, resources } = pdf.page as unknown as Record<
      'dictionary' | 'content' | 'resources',
      { id: number }
    >
    pages.set(at + 1, [dictionary.id, content.id, resources.id])
  }
  return pages
}
