import type { Pdf } from './pdf-document.ts'
import type { Weight } from './pdf-document.ts'
import { fontOf } from './fonts.ts'

/** Fonts whose text runs from right to left. */
const RIGHT_TO_LEFT = /^(hebrew|arabic|syriac|thaana)-/
/** Spaces and marks that stand between words of a script without breaking its direction. */
const NEUTRAL = /^[\s\p{P}]*$/u

/** One stretch of text in one font. */
interface Run {
  font: string
  text: string
  width: number
  /** OpenType features as pdfkit wants them; undefined: those that the script asks for. */
  features?: PDFKit.Mixins.OpenTypeFeatures[] | undefined
}

/** Lines of runs, ready to be drawn. */
export interface Layout {
  lines: Run[][]
  size: number
  lineHeight: number
  height: number
}

/** Line height in font sizes. */
const LEADING = 1.35

/** Height of Noto Sans above its base line, in font sizes (its table hhea); other scripts stand on the same line. */
const ASCENT = 1.069

/** Breaks a text into lines of a width; words longer than a line are broken where it ends. */
export function layOut(pdf: Pdf, text: string, width: number, size: number, weight: Weight = 400): Layout {
  const lines: Run[][] = []
  for (const paragraph of text
    .normalize('NFC')
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '    ')
    .split('\n')) {
    let line: Run[] = []
    let used = 0
    for (const word of paragraph.split(/(?<= )/)) {
      for (const piece of fitting(pdf, word, width, size, weight)) {
        const runs = runsOf(pdf, piece, size, weight)
        const bare = runsOf(pdf, piece.trimEnd(), size, weight)
        if (used > 0 && used + widthOf(bare) > width) {
          lines.push(inOrder(line))
          line = []
          used = 0
        }
        line.push(...runs)
        used += widthOf(runs)
      }
    }
    lines.push(inOrder(line))
  }
  const lineHeight = size * LEADING
  return { lines, size, lineHeight, height: lines.length * lineHeight }
}

/** Draws laid out text with its upper left corner at a place. */
export function drawLayout(pdf: Pdf, layout: Layout, x: number, y: number): void {
  layout.lines.forEach((line, at) => {
    let left = x
    for (const { font, text, width, features } of line) {
      pdf
        .font(font)
        .fontSize(layout.size)
        .text(text, left, y + at * layout.lineHeight + ASCENT * layout.size, {
          lineBreak: false,
          baseline: 'alphabetic',
          ...(features === undefined ? {} : { features }),
        })
      left += width
    }
  })
}

/** A letter and the marks above and below it stay on one line. */
const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function fitting(pdf: Pdf, word: string, width: number, size: number, weight: Weight): string[] {
  if (widthOf(runsOf(pdf, word.trimEnd(), size, weight)) <= width) return [word]
  const pieces: string[] = []
  let piece = ''
  for (const { segment: character } of GRAPHEMES.segment(word)) {
    if (piece !== '' && widthOf(runsOf(pdf, piece + character, size, weight)) > width) {
      pieces.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...pieces, piece]
}

/** A character that no font has is written as its code, [U+1F600], so that nothing is lost without a word. */
function runsOf(pdf: Pdf, text: string, size: number, weight: Weight): Run[] {
  const runs: Run[] = []
  for (const character of text) {
    const known = fontOf(pdf, character, weight)
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    const shown = known === undefined ? `[U+${code}]` : character
    const font = known ?? `latin-${weight}`
    const last = runs.at(-1)
    if (last?.font === font) last.text += shown
    else runs.push({ font, text: shown, width: 0 })
  }
  for (const run of runs) measure(pdf.font(run.font).fontSize(size), run)
  return runs
}

/**
 * Places a mark where its font's tables say. fontkit fails on some of them (Gurmukhi, Malayalam); such a run is set with its
 * marks where they stand by themselves, as no report may fail, or lose text, for a name in it.
 */
const WITHOUT_PLACED_MARKS = { mark: false, mkmk: false, abvm: false, blwm: false }

function measure(pdf: Pdf, run: Run): void {
  try {
    run.width = pdf.widthOfString(run.text)
  } catch {
    // pdfkit hands the object on to fontkit, which takes it; its types know lists only.
    run.features = WITHOUT_PLACED_MARKS as unknown as PDFKit.Mixins.OpenTypeFeatures[]
    run.width = pdf.widthOfString(run.text, { features: run.features })
  }
}

/** Runs as they stand from left to right: a stretch of Hebrew or Arabic begins at its right (the main case of UAX 9). */
function inOrder(line: readonly Run[]): Run[] {
  const ordered: Run[] = []
  for (let at = 0; at < line.length;) {
    let end = at
    for (let next = at; next < line.length; next++) {
      const { font, text } = line[next]
      if (RIGHT_TO_LEFT.test(font)) end = next + 1
      else if (!NEUTRAL.test(text)) break
    }
    if (end > at && RIGHT_TO_LEFT.test(line[at].font)) ordered.push(...line.slice(at, end).toReversed())
    else ordered.push(...line.slice(at, (end = at + 1)))
    at = end
  }
  return ordered
}

function widthOf(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.width, 0)
}
