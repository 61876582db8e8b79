/** A file, and what of it stands elsewhere too. */
export interface Copies {
  file: string
  /** Its lines that count and stand, in the same run, in another place. */
  lines: number
  /** `file:line` where each of its runs begins, and the first place that has it too. */
  places: string[]
}

interface CountedLine {
  file: string
  /** From 1. */
  number: number
  text: string
}

/** Imports, and lines of closing brackets alone, are alike everywhere. */
const IMPORT = /^import\b[^;]*?from '[^']+'$|^import '[^']+'$/gm
const CLOSING = /^[\])}>;,/\s]*$/

/** The lines of a file that count, without indentation and needless white space. */
function countedLines(file: string, source: string): CountedLine[] {
  const withoutImports = source.replaceAll(IMPORT, (found) => found.replaceAll(/[^\n]/g, ''))
  return withoutImports
    .split('\n')
    .map((line, at) => ({ file, number: at + 1, text: line.trim().replaceAll(/\s+/g, ' ') }))
    .filter(({ text }) => !CLOSING.test(text))
}

/** Where each run of so many lines of one file begins. */
function beginnings(lines: readonly CountedLine[], length: number): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (let at = 0; at + length <= lines.length; at += 1) {
    if (lines[at].file !== lines[at + length - 1].file) continue
    const run = lines
      .slice(at, at + length)
      .map(({ text }) => text)
      .join('\n')
    const earlier = found.get(run)
    if (earlier === undefined) found.set(run, [at])
    // A run that overlaps itself, as rows of a table do, is no copy.
    else if (at - earlier.at(-1)! >= length) earlier.push(at)
  }
  return found
}

/** Files with runs of at least so many lines that stand in two places, of one file or of two. */
export function copiesOf(sources: readonly { file: string; text: string }[], minLines: number): Copies[] {
  const lines = sources.flatMap(({ file, text }) => countedLines(file, text))
  const twin = new Map<number, number>()
  for (const places of beginnings(lines, minLines).values())
    if (places.length > 1)
      for (const place of places)
        for (let at = place; at < place + minLines; at += 1)
          if (!twin.has(at)) twin.set(at, at - place + (place === places[0] ? places[1] : places[0]))
  const placeOf = (at: number): string => `${lines[at].file}:${lines[at].number}`
  const copies = new Map<string, Copies>()
  for (const [at, other] of [...twin].toSorted(([a], [b]) => a - b)) {
    const { file } = lines[at]
    const of = copies.get(file) ?? { file, lines: 0, places: [] }
    copies.set(file, of)
    of.lines += 1
    if (twin.get(at - 1) !== other - 1) of.places.push(`${placeOf(at)} ${placeOf(other)}`)
  }
  return [...copies.values()]
}
