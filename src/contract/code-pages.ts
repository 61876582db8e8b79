/**
 * [Note: code pages]
 * Zip archives, tar archives and tables that are not UTF-8 do not say which code page their bytes are in. Which one it is
 * is settled once for a whole archive or file, from all its texts together: each code page is asked how likely it makes
 * them as a text of one of the languages that are written in it. A letter counts by how common it is in the language; a
 * capital inside a word, two scripts in one word, signs that no name has (frames, currency) and bytes that mean nothing
 * count against it. Names of one archive come from one machine, so one name alone is never judged differently from its
 * neighbours.
 */
export type CodePage =
  | 'ibm866'
  | 'windows-1251'
  | 'cp1125'
  | 'koi8-u'
  | 'cp852'
  | 'windows-1250'
  | 'cp437'
  | 'cp850'
  | 'windows-1252'

/** Bytes 128 to 255 of pages that `TextDecoder` does not know: IBM's registry, as Unicode's VENDORS/MICSFT/PC has them. */
const DOS_TABLES: Partial<Record<CodePage, string>> = {
  cp437:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  cp850:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
  cp852:
    'ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00ad˝˛ˇ˘§÷¸°¨˙űŘř■\u00a0',
  cp1125:
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёҐґЄєІіЇї·√№¤■\u00a0',
}

/**
 * Letters beyond ASCII of a language with how often each comes among a thousand letters of running text, rounded: Cyrillic
 * by the Ukrainian and Russian national corpora; of the Latin alphabets only the order of magnitude matters.
 */
const LANGUAGES = {
  uk: 'о94 а72 н65 и61 і57 в52 т50 е48 р45 с41 к35 л36 у32 д31 м29 п29 з24 я21 ь18 б17 г15 ч12 й12 х11 ц8 ж7 ш7 ю7 ї6 є5 щ4 ф3 ґ1',
  ru: 'о109 е85 а80 и74 н67 т63 с55 р47 в45 л43 к35 м32 д30 п28 у26 я20 ы19 ь17 г17 з16 б16 ч15 й12 х9 ж9 ш7 ю6 ц5 щ4 э3 ф3 ъ1 ё1',
  pl: 'ł20 ą10 ę11 ó9 ż8 ś7 ć4 ń2 ź1',
  cs: 'á22 í29 ě15 é12 č10 ř10 ž10 ý9 š8 ů6 ú2 ď1 ť1 ň1 ó1 ľ3 ô2 ĺ1 ä1 ŕ1',
  hu: 'é40 á38 ö11 ó11 ő9 í6 ü6 ú3 ű2',
  ro: 'ă40 î12 ţ11 ş13 â9',
  de: 'ü7 ä6 ö3 ß3',
  fr: 'é19 à5 è3 ê2 ç1 ù1 â1 û1 î1 ô1 ë1 ï1 ñ2 á4 í5 ó6 ú2 å3 ø3 æ2 ã4 õ1',
} as const
type Language = keyof typeof LANGUAGES

/** Code pages, those that are met more often here first, with the languages that are written in them. */
const WRITTEN_IN: readonly (readonly [CodePage, readonly Language[]])[] = [
  ['ibm866', ['uk', 'ru']],
  ['windows-1251', ['uk', 'ru']],
  ['cp1125', ['uk']],
  ['cp852', ['pl', 'cs', 'hu', 'ro']],
  ['windows-1250', ['pl', 'cs', 'hu', 'ro']],
  ['cp437', ['de', 'fr']],
  ['cp850', ['de', 'fr']],
  ['windows-1252', ['de', 'fr']],
  ['koi8-u', ['uk', 'ru']],
]

export const CODE_PAGES: readonly CodePage[] = WRITTEN_IN.map(([page]) => page)

// Natural logarithms of how likely what is no letter of the language is in a name or a table.
const OTHER_LETTER = -9
const PUNCTUATION = -8
const STRANGE_SIGN = -14
const NOTHING = -20
const CAPITAL_INSIDE = -5
/** Each further capital of a word in capitals. */
const CAPITALS = -0.7
const MIXED_SCRIPTS = -9
/** A page that is met less often must be this much more likely for each place further down the list. */
const PLACE_COST = 0.4
/**
 * The Ukrainian і is not in ibm866: programs write a Latin i instead. In a word that is Cyrillic otherwise it is read as
 * the і that was meant, or nobody would find the name.
 */
const STAND_IN = 'I'
const CYRILLIC_WORD = /(?<![\p{L}])(?=[iI]*\p{Script=Cyrillic})[\p{Script=Cyrillic}iI]+(?![\p{L}])/gu

/** Of each language, the logarithm of how much of its letters beyond ASCII each is. */
const frequencies = new Map(
  Object.entries(LANGUAGES).map(([language, list]) => {
    const counts = list.split(' ').map((entry) => [entry[0], Number(entry.slice(1))] as const)
    const all = counts.reduce((sum, [, count]) => sum + count, 0)
    return [language, new Map(counts.map(([letter, count]) => [letter, Math.log(count / all)]))]
  }),
)

/** Text of bytes in a code page; a byte that means nothing in it becomes U+FFFD. */
export function decodeCodePage(bytes: Uint8Array, page: CodePage): string {
  const text = asWritten(bytes, page)
  if (page !== 'ibm866') return text
  return text.replaceAll(CYRILLIC_WORD, (word) => word.replaceAll('i', 'і').replaceAll('I', 'І'))
}

function asWritten(bytes: Uint8Array, page: CodePage): string {
  const table = DOS_TABLES[page]
  if (table === undefined) return new TextDecoder(page).decode(bytes)
  let text = ''
  for (const byte of bytes) text += byte < 128 ? String.fromCharCode(byte) : table[byte - 128]
  return text
}

/** The code page that makes all texts together the likeliest; see [Note: code pages]. */
export function likeliestCodePage(texts: readonly Uint8Array[]): CodePage {
  let best: { page: CodePage; score: number } | undefined
  for (const [place, [page, languages]] of WRITTEN_IN.entries()) {
    const decoded = texts.map((bytes) => asWritten(bytes, page))
    for (const language of languages) {
      const letters = frequencies.get(language)!
      const isCyrillic = language === 'uk' || language === 'ru'
      const sum = decoded.reduce((total, text) => total + likelihood(text, letters, isCyrillic), 0)
      const score = sum - place * PLACE_COST
      if (best === undefined || score > best.score) best = { page, score }
    }
  }
  return best!.page
}

function likelihood(text: string, letters: ReadonlyMap<string, number>, isCyrillic: boolean): number {
  let sum = 0
  for (const sign of text) if (sign.charCodeAt(0) >= 128) sum += likelihoodOf(sign, letters)
  for (const [word] of text.matchAll(/\p{L}+/gu)) {
    if (isAscii(word)) continue
    const signs = Array.from(word)
    const capitals = signs.slice(1).filter((letter) => !isSmall(letter) && letter !== STAND_IN)
    const isInCapitals = signs.every((letter) => !isSmall(letter) || letter === STAND_IN.toLowerCase())
    sum += isInCapitals
      ? capitals.filter((letter) => !isAscii(letter)).length * CAPITALS
      : capitals.length * CAPITAL_INSIDE
    const latin = signs.filter((letter) => isLatin(letter) && letter.toUpperCase() !== STAND_IN).length
    if (isCyrillic && latin > 0) sum += MIXED_SCRIPTS
  }
  return sum + (text.match(/\p{L}[”„“’«»]+\p{L}/gu)?.length ?? 0) * STRANGE_SIGN
}

function likelihoodOf(sign: string, letters: ReadonlyMap<string, number>): number {
  if (isLetter(sign)) return letters.get(sign.toLowerCase()) ?? OTHER_LETTER
  if (sign === '\uFFFD' || /\p{Cc}/u.test(sign)) return NOTHING
  return /[№«»–—’“”„…\u00a0°§]/.test(sign) ? PUNCTUATION : STRANGE_SIGN
}

function isAscii(text: string): boolean {
  return Array.from(text).every((sign) => sign.charCodeAt(0) < 128)
}

function isLetter(sign: string): boolean {
  return /\p{L}/u.test(sign)
}

function isSmall(sign: string): boolean {
  return sign !== sign.toUpperCase()
}

function isLatin(sign: string): boolean {
  return /\p{Script=Latin}/u.test(sign)
}
