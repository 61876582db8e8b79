import { buffer } from 'node:stream/consumers'
// oxlint-disable-next-line import/no-named-as-default -- its types know the default only
import PDFDocument from 'pdfkit'
import { AppError } from '../errors.ts'
import { registerFonts } from '../report/pdf/fonts.ts'
import { drawLayout, layOut, type Layout } from '../report/pdf/text-layout.ts'
import { type Pdf, type Weight } from '../report/pdf/pdf-document.ts'

/** A4 in points. */
const PAGE_WIDTH = 595.28
const PAGE_HEIGHT = 841.89
const MARGIN = 42
const WIDTH = PAGE_WIDTH - 2 * MARGIN
const BAND_HEIGHT = 84
const PHOTO_SIDE = 300
const LABEL_WIDTH = 130
const FOOT_HEIGHT = 118
const INK = '#1a1a1a'
const FAINT = '#555555'
const BAND = '#8a1c1c'

export interface PosterContent {
  language: 'en' | 'uk'
  title: string
  /** Main name first, then the same in another script. */
  names: readonly string[]
  /** JPEG. */
  photo: Uint8Array
  facts: readonly (readonly [string, string])[]
  tell: string
  contact: string
  /** Small, at the foot. */
  foot: string
}

/**
 * One page for a wall: title, photo, names, facts, whom to tell. Facts are set smaller when there are many.
 * @throws AppError `limit_exceeded` when they fit at no size
 */
export async function renderPoster(content: PosterContent): Promise<Uint8Array> {
  const pdf = new PDFDocument({
    size: [PAGE_WIDTH, PAGE_HEIGHT],
    margin: 0,
    lang: content.language,
    info: { Title: content.title, Producer: 'Likeness', Creator: 'Likeness' },
  })
  const bytes = buffer(pdf)
  registerFonts(pdf)
  pdf.rect(0, 0, PAGE_WIDTH, BAND_HEIGHT).fill(BAND)
  centred(pdf.fillColor('#ffffff'), content.title, 44, 700, 12)
  let y = BAND_HEIGHT + 18
  pdf.image(Buffer.from(content.photo), (PAGE_WIDTH - PHOTO_SIDE) / 2, y, {
    fit: [PHOTO_SIDE, PHOTO_SIDE],
    align: 'center',
    valign: 'center',
  })
  y += PHOTO_SIDE + 12
  pdf.fillColor(INK)
  content.names.forEach((name, at) => {
    y += centred(pdf, name, at === 0 ? 26 : 15, at === 0 ? 700 : 400, y)
  })
  drawFacts(pdf, content.facts, y + 10, PAGE_HEIGHT - FOOT_HEIGHT - 10)
  drawFoot(pdf, content)
  pdf.end()
  return new Uint8Array(await bytes)
}

/** @returns how high it is */
function centred(pdf: Pdf, text: string, size: number, weight: Weight, y: number): number {
  const layout = layOut(pdf, text, WIDTH, size, weight)
  layout.lines.forEach((line, at) => {
    const width = line.reduce((sum, run) => sum + run.width, 0)
    drawLayout(pdf, { ...layout, lines: [line] }, (PAGE_WIDTH - width) / 2, y + at * layout.lineHeight)
  })
  return layout.height
}

const FACT_SIZES = [14, 12, 10, 8.5]

function drawFacts(pdf: Pdf, facts: PosterContent['facts'], top: number, bottom: number): void {
  const size = FACT_SIZES.find((one) => heightOf(layFacts(pdf, facts, one)) <= bottom - top)
  if (size === undefined)
    throw new AppError('limit_exceeded', 'These facts do not fit on one page. Choose fewer, or shorten them.')
  let y = top
  for (const [label, value] of layFacts(pdf, facts, size)) {
    drawLayout(pdf.fillColor(FAINT), label, MARGIN, y)
    drawLayout(pdf.fillColor(INK), value, MARGIN + LABEL_WIDTH, y)
    y += rowHeight(label, value)
  }
}

function layFacts(pdf: Pdf, facts: PosterContent['facts'], size: number): [Layout, Layout][] {
  return facts.map(([label, value]) => [
    layOut(pdf, label, LABEL_WIDTH - 10, size),
    layOut(pdf, value, WIDTH - LABEL_WIDTH, size, 700),
  ])
}

function heightOf(rows: readonly [Layout, Layout][]): number {
  return rows.reduce((sum, [label, value]) => sum + rowHeight(label, value), 0)
}

function rowHeight(label: Layout, value: Layout): number {
  return Math.max(label.height, value.height) + value.size * 0.4
}

function drawFoot(pdf: Pdf, { tell, contact, foot }: PosterContent): void {
  const top = PAGE_HEIGHT - FOOT_HEIGHT
  pdf.rect(0, top, PAGE_WIDTH, FOOT_HEIGHT - 26).fill('#f1f1f1')
  pdf.fillColor(INK)
  centred(pdf, tell, 12, 400, top + 10)
  const size = [24, 20, 16, 13].find((one) => layOut(pdf, contact, WIDTH, one, 700).lines.length <= 2) ?? 11
  centred(pdf.fillColor(BAND), contact, size, 700, top + 30)
  centred(pdf.fillColor(FAINT), foot, 8, 400, PAGE_HEIGHT - 19)
}
