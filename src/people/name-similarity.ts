import { foldName, type FoldedWord } from './fold-name.ts'

/** Words that are less alike than this are taken for different ones. */
const ALIKE_WORDS = 0.7
/** How much a common beginning counts, and how long it may be: W. E. Winkler, String comparator metrics, 1990. */
const PREFIX_WEIGHT = 0.1
const MAX_PREFIX = 4
/** An initial says less than a word that is written out. */
const INITIAL_SCORE = 0.85

/** A word that must be read in an unusual way to fit comes after one that need not. */
const OTHER_READING = 0.98

/**
 * How alike a name that is looked for is to a known one, 0 to 1: the mean, over the words looked for, of the most alike
 * word of the known name, each used once, in any order. Words of the known name that were not asked for (a patronymic,
 * a second surname) cost nothing.
 */
export function nameSimilarity(wanted: string, known: string): number {
  return foldedSimilarity(foldName(wanted), foldName(known))
}

/** The same for names that are folded already. */
export function foldedSimilarity(wanted: readonly FoldedWord[], known: readonly FoldedWord[]): number {
  if (wanted.length === 0) return 0
  const pairs = wanted
    .flatMap((word, at) =>
      known.map((other, otherAt) => ({ at, otherAt, score: wordSimilarity(word, other) })),
    )
    .filter(({ score }) => score >= ALIKE_WORDS)
    .toSorted((a, b) => b.score - a.score)
  const used = new Set<number>()
  const found = new Map<number, number>()
  for (const { at, otherAt, score } of pairs) {
    if (found.has(at) || used.has(otherAt)) continue
    found.set(at, score)
    used.add(otherAt)
  }
  const sum = [...found.values()].reduce((total, score) => total + score, 0)
  return sum / wanted.length
}

/** Of all ways in which two words can be read, the one in which they are most alike. */
function wordSimilarity(a: FoldedWord, b: FoldedWord): number {
  let most = 0
  for (const [at, form] of a.entries()) {
    for (const [otherAt, other] of b.entries()) {
      const score = formSimilarity(form, other) * (at + otherAt === 0 ? 1 : OTHER_READING)
      if (score > most) most = score
    }
  }
  return most
}

function formSimilarity(a: string, b: string): number {
  if (a === b) return 1
  if (a.length === 1 || b.length === 1) return a[0] === b[0] ? INITIAL_SCORE : 0
  // Jaro-Winkler forgives a missing ending, but an ending makes another name of it: Бондар and Бондаренко.
  const lengths = Math.sqrt(Math.min(a.length, b.length) / Math.max(a.length, b.length))
  // However alike the letters are, it would not be enough.
  return lengths < ALIKE_WORDS ? 0 : jaroWinkler(a, b) * lengths
}

/** Jaro-Winkler similarity of two words, 0 to 1. */
export function jaroWinkler(a: string, b: string): number {
  const jaro = jaroSimilarity(a, b)
  let prefix = 0
  while (prefix < MAX_PREFIX && prefix < Math.min(a.length, b.length) && a[prefix] === b[prefix]) prefix += 1
  return jaro + prefix * PREFIX_WEIGHT * (1 - jaro)
}

/** M. A. Jaro, 1989: from the letters two words share within half the longer one's length, and their transpositions. */
function jaroSimilarity(a: string, b: string): number {
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1)
  const takenInB = new Set<number>()
  const matchedA: string[] = []
  for (let at = 0; at < a.length; at++) {
    for (let other = Math.max(0, at - reach); other <= Math.min(b.length - 1, at + reach); other++) {
      if (takenInB.has(other) || a[at] !== b[other]) continue
      takenInB.add(other)
      matchedA.push(a[at])
      break
    }
  }
  const matches = matchedA.length
  if (matches === 0) return 0
  const matchedB = [...takenInB].toSorted((x, y) => x - y).map((at) => b[at])
  const transpositions = matchedA.filter((letter, at) => letter !== matchedB[at]).length / 2
  return (matches / a.length + matches / b.length + (matches - transpositions) / matches) / 3
}
