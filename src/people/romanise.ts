/**
 * Cyrillic to Latin by published tables, for showing names in both scripts and as the first step of comparing them.
 *
 * `kmu_2010`: Ukrainian, resolution 55 of the Cabinet of Ministers of Ukraine, 27 January 2010 (used in passports).
 * `icao_9303`: ICAO Doc 9303 part 3, section 6, table B (Cyrillic), for Russian and other Cyrillic names.
 */
export type Romanisation = 'kmu_2010' | 'icao_9303'

/** Letters that both tables write alike. */
const COMMON: Record<string, string> = {
  а: 'a',
  б: 'b',
  в: 'v',
  д: 'd',
  е: 'e',
  ж: 'zh',
  з: 'z',
  к: 'k',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  у: 'u',
  ф: 'f',
  х: 'kh',
  ц: 'ts',
  ч: 'ch',
  ш: 'sh',
  щ: 'shch',
  ь: '',
  ю: 'iu',
  я: 'ia',
  є: 'ie',
  ї: 'i',
  й: 'i',
  і: 'i',
  ґ: 'g',
  ё: 'e',
  ъ: 'ie',
  ы: 'y',
  э: 'e',
  ў: 'u',
  ђ: 'd',
  ј: 'j',
  љ: 'lj',
  њ: 'nj',
  ћ: 'c',
  џ: 'dz',
  ѓ: 'g',
  ќ: 'k',
  ѕ: 'dz',
}
const LETTERS: Record<Romanisation, Record<string, string>> = {
  kmu_2010: { ...COMMON, г: 'h', и: 'y' },
  icao_9303: { ...COMMON, г: 'g', и: 'i' },
}
/** At the beginning of a word the Ukrainian table writes these with a Y. */
const KMU_INITIAL: Record<string, string> = { є: 'ye', ї: 'yi', й: 'y', ю: 'yu', я: 'ya' }
const APOSTROPHES = /['’ʼ`´"]/g

/** Whether there is any Cyrillic letter in it. */
export function isCyrillic(text: string): boolean {
  return /\p{Script=Cyrillic}/u.test(text)
}

/** ISO 15924 code of a name's script: Cyrl, Latn; Zyyy for others and mixtures. */
export function scriptOf(text: string): 'Cyrl' | 'Latn' | 'Zyyy' {
  const letters = text.match(/\p{L}/gu) ?? []
  if (letters.length === 0) return 'Zyyy'
  if (letters.every((letter) => /\p{Script=Cyrillic}/u.test(letter))) return 'Cyrl'
  return letters.every((letter) => /\p{Script=Latin}/u.test(letter)) ? 'Latn' : 'Zyyy'
}

/** The table that a Cyrillic name asks for: Russian's own letters are not in the Ukrainian alphabet. */
export function tableFor(text: string): Romanisation {
  return /[ёъыэ]/iu.test(text) ? 'icao_9303' : 'kmu_2010'
}

/**
 * A Cyrillic name in Latin letters, capitals kept; what is not Cyrillic stays as it is.
 * @example romanise('Згурський Ярема', 'kmu_2010') // 'Zghurskyi Yarema'
 */
export function romanise(text: string, table: Romanisation): string {
  const letters = LETTERS[table]
  return text.normalize('NFC').replaceAll(/[\p{L}\p{M}'’ʼ`´"]+/gu, (word) => {
    const isUkrainian = table === 'kmu_2010'
    const plain = isCyrillic(word) ? word.replaceAll(APOSTROPHES, '') : word
    return Array.from(plain, (letter, at) => {
      const lower = letter.toLowerCase()
      const before = at === 0 ? '' : plain[at - 1].toLowerCase()
      const latin =
        isUkrainian && at === 0 && KMU_INITIAL[lower] !== undefined
          ? KMU_INITIAL[lower]
          : isUkrainian && lower === 'г' && before === 'з'
            ? 'gh'
            : letters[lower]
      if (latin === undefined) return letter
      return letter === lower ? latin : latin.charAt(0).toUpperCase() + latin.slice(1)
    }).join('')
  })
}
