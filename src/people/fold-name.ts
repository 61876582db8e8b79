import { readingsOf } from './latin-readings.ts'
import { isCyrillic, romanise, tableFor } from './romanise.ts'
import { SAME_NAMES } from './same-names.ts'

/**
 * [Note: name keys]
 * Names of one person come in two scripts and a dozen spellings: Сергій, Сергей, Serhii, Sergey, Serguei. To compare them,
 * each word of a name is
 * 1. romanised when it is Cyrillic (src/people/romanise.ts), and lower-cased;
 * 2. folded: letters and groups that the usual romanisations write differently for one Cyrillic letter become one sign;
 *    и/і/ї/й/ы -> i; an i before a vowel is dropped (я, є, ю, ьо); doubled signs become one. A word in Latin letters may be
 *    read in several ways and has a form for each, see [Note: readings];
 * 3. where it is a first name whose Ukrainian and Russian forms differ by more than spelling (Микола/Николай,
 *    Олена/Елена), folded to one of them first;
 * 4. patronymics' endings are made one (-ович/-евич/-ич; -івна/-овна/-ївна/-евна).
 * Words that still differ are compared by Jaro-Winkler similarity, see name-similarity.ts. Nothing of this says that two
 * names are of one person; it only decides what a search for a name shows.
 */
export type FoldedWord = readonly string[]

/** Counts up with every change of what a word is folded to: keys that were made before are made anew. */
export const FOLD_VERSION = 4
/** Forms of one word, at most: none has more spellings whose marks it bears. */
const MAX_FORMS = 8
/**
 * What of a name is compared: whoever writes names decides how long all others wait for a search. The longest names that
 * registers know have some ten words; the longest words some thirty letters.
 */
const MAX_NAME_LENGTH = 500
const MAX_WORDS = 16
const MAX_WORD_LENGTH = 60

const PATRONYMIC_ENDINGS: readonly [RegExp, string][] = [
  [/(?<=.{3})(ovik|ovi?C|evi?C|iC)$/, 'oviC'],
  [/(?<=.{3})(ovna|evna|ivna)$/, 'ovna'],
]

const sameNames = new Map(
  SAME_NAMES.flatMap((row) => {
    const [first, ...others] = row.split(' ').map(spell)
    return [first, ...others].flatMap((forms) => forms.map((form) => [form, first[0]] as const))
  }),
)

/** A name's words, folded, as far as they are compared; see [Note: name keys]. Words of one letter are initials and kept. */
export function foldName(name: string): FoldedWord[] {
  return (
    name
      .slice(0, MAX_NAME_LENGTH)
      .normalize('NFC')
      // Мак-Х'ю is McHugh.
      .replaceAll(/(?<!\p{L})(мак|mac)-(?=\p{L})/giu, '$1')
      .split(/[^\p{L}\p{M}'’ʼ`´]+/u)
      .filter((word) => word !== '')
      .slice(0, MAX_WORDS)
      .map((word) => foldWord(word.slice(0, MAX_WORD_LENGTH)))
      .filter(([form]) => form !== undefined && form !== '')
  )
}

function foldWord(word: string): FoldedWord {
  const forms = spell(word).flatMap((form) => {
    const same = sameNames.get(form)
    if (same !== undefined) return [same, form]
    return [PATRONYMIC_ENDINGS.reduce((text, [ending, one]) => text.replace(ending, one), form)]
  })
  return [...new Set(forms)].slice(0, MAX_FORMS)
}

/** ё is e in passports, and o by its sound (BGN/PCGN yo; Ukrainian йо and ьо). */
function spell(word: string): string[] {
  const lower = word.normalize('NFC').toLowerCase()
  if (!isCyrillic(lower)) return readingsOf(lower)
  const asPassports = romanise(lower, tableFor(lower))
  const forms = lower.includes('ё')
    ? [asPassports, romanise(lower.replaceAll('ё', 'йо'), 'icao_9303')]
    : [asPassports]
  return [...new Set(forms.map((form) => readingsOf(form)[0]))]
}

/**
 * Keys under which a folded word is found: of each form its consonants, and these with each one left out, so that two
 * words that differ in any vowels and in one consonant on each side share a key.
 */
export function keysOf(word: FoldedWord): string[] {
  const keys = new Set<string>()
  for (const form of word) {
    const consonants = form.replaceAll(/[aeiouy]/g, '')
    const skeleton = consonants === '' ? form : consonants
    keys.add(skeleton)
    if (skeleton.length <= 2) continue
    for (let at = 0; at < skeleton.length; at++) keys.add(skeleton.slice(0, at) + skeleton.slice(at + 1))
  }
  return [...keys]
}
