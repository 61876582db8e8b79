import { fileURLToPath } from 'node:url'
import type PDFDocument from 'pdfkit'

export type Pdf = InstanceType<typeof PDFDocument>
export type Weight = 400 | 700

/**
 * The font comes cut into alphabets, each a file of its own with its ranges of characters (those of Google Fonts' style
 * sheets). A text is cut into runs accordingly: Latin and Cyrillic stand in one line without a seam.
 */
const ALPHABETS: readonly [string, RegExp][] = [
  ['latin', /[\u0020-\u00ff\u0131\u0152\u0153\u02bb\u02bc\u02c6\u02da\u02dc\u2000-\u206f\u20ac\u2122\u2212]/],
  ['cyrillic', /[\u0301\u0400-\u045f\u0490\u0491\u04b0\u04b1\u2116]/],
  ['latin-ext', /[\u0100-\u02ba\u02bd-\u02c5\u02c7-\u02cc\u1e00-\u1e9f\u1ef2-\u1eff\u20a0-\u20c0]/],
  ['cyrillic-ext', /[\u0460-\u052f\u1c80-\u1c8a\u20b4\u2de0-\u2dff\ua640-\ua69f]/],
]
/** Stands for characters that no alphabet has. */
const UNKNOWN = '\u00bf'

/** One stretch of text in one font. */
interface Run {
  font: string
  text: string
  width: number
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

/** Makes the fonts known to a document. */
export function registerFonts(pdf: Pdf): void {
  for (const [alphabet] of ALPHABETS) {
    for (const weight of [400, 700]) {
      const file = import.meta.resolve(
        `@fontsource/noto-sans/files/noto-sans-${alphabet}-${weight}-normal.woff`,
      )
      pdf.registerFont(`${alphabet}-${weight}`, fileURLToPath(file))
    }
  }
}

/** Breaks a text into lines of a width; words longer than a line are broken where it ends. */
export function layOut(pdf: Pdf, text: string, width: number, size: number, weight: Weight = 400): Layout {
  const lines: Run[][] = []
  for (const paragraph of text.normalize('NFC').split('\n')) {
    let line: Run[] = []
    let used = 0
    for (const word of paragraph.split(/(?<= )/)) {
      for (const piece of fitting(pdf, word, width, size, weight)) {
        const runs = runsOf(pdf, piece, size, weight)
        const bare = runsOf(pdf, piece.trimEnd(), size, weight)
        if (used > 0 && used + widthOf(bare) > width) {
          lines.push(line)
          line = []
          used = 0
        }
        line.push(...runs)
        used += widthOf(runs)
      }
    }
    lines.push(line)
  }
  const lineHeight = size * LEADING
  return { lines, size, lineHeight, height: lines.length * lineHeight }
}

/** Draws laid out text with its upper left corner at a place. */
export function drawLayout(pdf: Pdf, layout: Layout, x: number, y: number): void {
  layout.lines.forEach((line, at) => {
    let left = x
    for (const { font, text, width } of line) {
      pdf
        .font(font)
        .fontSize(layout.size)
        .text(text, left, y + at * layout.lineHeight, { lineBreak: false })
      left += width
    }
  })
}

function fitting(pdf: Pdf, word: string, width: number, size: number, weight: Weight): string[] {
  if (widthOf(runsOf(pdf, word.trimEnd(), size, weight)) <= width) return [word]
  const pieces: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && widthOf(runsOf(pdf, piece + character, size, weight)) > width) {
      pieces.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...pieces, piece]
}

function runsOf(pdf: Pdf, text: string, size: number, weight: Weight): Run[] {
  const runs: Run[] = []
  for (const character of text) {
    const alphabet = ALPHABETS.find(([, range]) => range.test(character))?.[0]
    const shown = alphabet === undefined ? UNKNOWN : character
    const font = `${alphabet ?? 'latin'}-${weight}`
    const last = runs.at(-1)
    if (last?.font === font) last.text += shown
    else runs.push({ font, text: shown, width: 0 })
  }
  for (const run of runs) run.width = pdf.font(run.font).fontSize(size).widthOfString(run.text)
  return runs
}

function widthOf(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.width, 0)
}
