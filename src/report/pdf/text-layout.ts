import { fileURLToPath } from 'node:url'
import type PDFDocument from 'pdfkit'

export type Pdf = InstanceType<typeof PDFDocument>
export type Weight = 400 | 700

/**
 * Noto Sans comes cut into alphabets, each a file of its own, and other scripts in packages of their own. A character stands in
 * the first that has it, so that Latin and Cyrillic stand in one line without a seam: package, alphabet.
 */
const FONTS: readonly (readonly [string, string])[] = [
  ['noto-sans', 'latin'],
  ['noto-sans', 'cyrillic'],
  ['noto-sans', 'latin-ext'],
  ['noto-sans', 'cyrillic-ext'],
  ['noto-sans', 'greek'],
  ['noto-sans', 'greek-ext'],
  ['noto-sans', 'vietnamese'],
  ['noto-sans-georgian', 'georgian'],
  ['noto-sans-armenian', 'armenian'],
  ['noto-sans-hebrew', 'hebrew'],
  ['noto-sans-arabic', 'arabic'],
  ['noto-sans', 'devanagari'],
]
const WEIGHTS: readonly Weight[] = [400, 700]
/** Fonts whose text runs from right to left. */
const RIGHT_TO_LEFT = /^(hebrew|arabic)-/
/** Spaces and marks that stand between words of a script without breaking its direction. */
const NEUTRAL = /^[\s\p{P}]*$/u

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

/** Height of Noto Sans above its base line, in font sizes (its table hhea); other scripts stand on the same line. */
const ASCENT = 1.069

/** Makes the fonts known to a document. Each is opened when it is first needed. */
export function registerFonts(pdf: Pdf): void {
  for (const [name, alphabet] of FONTS) {
    for (const weight of WEIGHTS) {
      const file = import.meta.resolve(`@fontsource/${name}/files/${name}-${alphabet}-${weight}-normal.woff`)
      pdf.registerFont(`${alphabet}-${weight}`, fileURLToPath(file))
    }
  }
}

/** Which font of a document has a character, as it was found; undefined: none. */
const FOUND = new WeakMap<Pdf, Map<string, string | undefined>>()

function fontOf(pdf: Pdf, character: string, weight: Weight): string | undefined {
  const found = FOUND.get(pdf) ?? new Map<string, string | undefined>()
  FOUND.set(pdf, found)
  const key = `${weight} ${character}`
  if (found.has(key)) return found.get(key)
  const code = character.codePointAt(0) ?? 0
  const name = FONTS.map(([, alphabet]) => `${alphabet}-${weight}`).find((font) => {
    // pdfkit keeps fontkit's font, which alone knows its characters, behind a field of its own.
    const opened = pdf.font(font) as unknown as {
      _font: { font: { hasGlyphForCodePoint(code: number): boolean } }
    }
    // oxlint-disable-next-line no-underscore-dangle
    return opened._font.font.hasGlyphForCodePoint(code)
  })
  found.set(key, name)
  return name
}

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
    for (const { font, text, width } of line) {
      pdf
        .font(font)
        .fontSize(layout.size)
        .text(text, left, y + at * layout.lineHeight + ASCENT * layout.size, {
          lineBreak: false,
          baseline: 'alphabetic',
        })
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

/** A character that no font has is written as its code, [U+4E2D], so that nothing is lost without a word. */
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
  for (const run of runs) run.width = pdf.font(run.font).fontSize(size).widthOfString(run.text)
  return runs
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
