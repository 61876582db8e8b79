import { LEFT_OUT, WRITTEN_AS } from '../store/database/migrations/list-tables.ts'

/** What FTS5's unicode61 takes for words: letters and numbers, with their marks. */
const WORD = /[\p{L}\p{N}\p{Co}\p{M}]+/gu

/**
 * What `word_index` is asked for: sources of the collection in which a word begins with each of these. Written with any
 * apostrophe, capitals, stress marks, ґ or ё, they are found written otherwise; see [Note: lists by index].
 * @returns undefined when there is no letter or digit in them
 */
export function wordsQuery(
  collectionId: string,
  faces: 'any' | 'with' | 'without',
  words: string,
): string | undefined {
  const beginnings = new Set(fold(words).match(WORD))
  if (beginnings.size === 0) return undefined
  const collection = `c${collectionId.replaceAll('-', '')}`
  const scope = faces === 'any' ? collection : `${collection}f${faces === 'with' ? 1 : 0}`
  // FTS5 keeps operators apart from words by the quotes, which no word has.
  return [`"${scope}"`, ...[...beginnings].map((word) => `"${word}" *`)].join(' AND ')
}

/** The same as the schema does with what sources say; a composed letter is what the schema makes of two. */
function fold(words: string): string {
  let folded = words.normalize('NFC')
  for (const [from, to] of [...LEFT_OUT.map((sign) => [sign, ''] as const), ...WRITTEN_AS])
    folded = folded.replaceAll(from, to)
  return folded
}
