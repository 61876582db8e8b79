import { fileURLToPath } from 'node:url'
import type { Pdf, Weight } from './pdf-document.ts'

/**
 * Noto Sans comes cut into alphabets, each a file of its own, and other scripts in packages of their own. A character stands in
 * the first that has it, so that Latin and Cyrillic stand in one line without a seam: package, alphabet.
 */
const ALPHABETS: readonly (readonly [string, string])[] = [
  ['noto-sans', 'latin'],
  ['noto-sans', 'cyrillic'],
  ['noto-sans', 'latin-ext'],
  ['noto-sans', 'cyrillic-ext'],
  ['noto-sans', 'greek'],
  ['noto-sans', 'greek-ext'],
  ['noto-sans', 'vietnamese'],
  ['noto-sans', 'devanagari'],
  ...[
    'georgian',
    'armenian',
    'hebrew',
    'arabic',
    'syriac',
    'thaana',
    'ethiopic',
    'thai',
    'lao',
    'khmer',
    'myanmar',
    'bengali',
    'gujarati',
    'gurmukhi',
    'kannada',
    'malayalam',
    'sinhala',
    'tamil',
    'telugu',
  ].map((script) => [`noto-sans-${script}`, script] as const),
]

/** Whole fonts of East Asian scripts. The first has every Han character of names, and kana; the second Hangul. */
const EAST_ASIAN = [
  ['sc', 'Hans'],
  ['kr', 'KR'],
  ['jp', 'JP'],
] as const
const EAST_ASIAN_WEIGHT: Record<Weight, string> = { 400: 'Regular', 700: 'Bold' }

const WEIGHTS: readonly Weight[] = [400, 700]
const FONTS = [...ALPHABETS.map(([, alphabet]) => alphabet), ...EAST_ASIAN.map(([name]) => name)]

/** Makes the fonts known to a document. Each is opened when it is first needed. */
export function registerFonts(pdf: Pdf): void {
  for (const weight of WEIGHTS) {
    for (const [name, alphabet] of ALPHABETS) {
      const file = import.meta.resolve(`@fontsource/${name}/files/${name}-${alphabet}-${weight}-normal.woff`)
      pdf.registerFont(`${alphabet}-${weight}`, fileURLToPath(file))
    }
    for (const [name, cut] of EAST_ASIAN) {
      // These packages give out their entry only; the fonts lie beside its folder.
      const entry = import.meta.resolve(`@embedpdf/fonts-${name}`)
      const file = new URL(`../fonts/NotoSans${cut}-${EAST_ASIAN_WEIGHT[weight]}.otf`, entry)
      pdf.registerFont(`${name}-${weight}`, fileURLToPath(file))
    }
  }
}

/** Which font of a document has a character, as it was found; undefined: none. */
const FOUND = new WeakMap<Pdf, Map<string, string | undefined>>()

/** The first registered font that has a character; undefined: none has. */
export function fontOf(pdf: Pdf, character: string, weight: Weight): string | undefined {
  const found = FOUND.get(pdf) ?? new Map<string, string | undefined>()
  FOUND.set(pdf, found)
  const key = `${weight} ${character}`
  if (found.has(key)) return found.get(key)
  const code = character.codePointAt(0) ?? 0
  const name = FONTS.map((font) => `${font}-${weight}`).find((font) => {
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
