/**
 * [Note: readings]
 * A name in Latin letters does not say by which rules it was written: ch is ч in English, х in German, Polish and Czech,
 * and ш in French; x is кс in Maxim and х in Xrystyna. So a word is read by the rules of each spelling whose marks it
 * bears, and has one folded form for each. Rules are of: KMU 2010, ICAO Doc 9303 (GOST passports of 2013) and BGN/PCGN
 * (`general`); ISO 9:1995, Czech and Slovak; Polish; German; French; and the way in which English names are written in
 * Cyrillic by their sound (Blair, Блер). In a folded form S is ш and щ, C ч, Z ж, T ц, h г, ґ and х.
 */
type Rules = readonly (readonly [RegExp, string])[]

interface Spelling {
  /** What a word must have in it to be read so; all of it in lower case. */
  marks: RegExp
  rules: Rules
}

/** Letters with marks whose sound is lost when the mark is taken away; others, as ě and ò, lose it later. */
const MARKED: Rules = [
  [/šč|ŝ/g, 'S'],
  [/[šş]/g, 'S'],
  [/[čç]/g, 'C'],
  [/[žż]/g, 'Z'],
  [/ř/g, 'rZ'],
  [/ł/g, 'l'],
  [/đ/g, 'd'],
  [/ß/g, 'ss'],
  [/æ/g, 'e'],
  [/ø/g, 'o'],
  [/ı/g, 'i'],
  [/ğ/g, 'h'],
]
/** ц before e, i and y is written c by most; before other vowels only by those who know no k so written. */
const SOFT_C: Rules[number] = [/c(?=[eiy])/g, 'T']

const GENERAL: Rules = [
  ...MARKED,
  [/schtsch|stsch|shtch|shch|szcz|chtch/g, 'S'],
  [/tsch|tch|cz/g, 'C'],
  [/sch|sh|sz/g, 'S'],
  [/ch/g, 'C'],
  [/zh/g, 'Z'],
  [/tz|ts/g, 'T'],
  SOFT_C,
  [/x/g, 'ks'],
]

/** x for х, which it looks like. */
const X_AS_H: Rules = [[/x/g, 'h'], ...GENERAL]

const CZECH: Rules = [...MARKED, [/ch/g, 'h'], [/c/g, 'T'], [/w/g, 'v'], [/x/g, 'ks']]

const POLISH: Rules = [
  [/szcz/g, 'S'],
  [/ą(?=[bp])/g, 'om'],
  [/ę(?=[bp])/g, 'em'],
  [/ą/g, 'on'],
  [/ę/g, 'en'],
  [/dź|dż/g, 'dZ'],
  [/ć/g, 't'],
  ...MARKED,
  [/cz/g, 'C'],
  [/sz/g, 'S'],
  [/rz/g, 'Z'],
  [/ch/g, 'h'],
  [/c/g, 'T'],
  [/x/g, 'ks'],
]

const GERMAN: Rules = [
  [/ä/g, 'e'],
  [/ö/g, 'e'],
  [/ü/g, 'iu'],
  ...MARKED,
  [/schtsch|stsch/g, 'S'],
  [/tsch/g, 'C'],
  [/sch/g, 'S'],
  [/ch/g, 'h'],
  [/tz|z|ts/g, 'T'],
  [/(?<!s)s(?=[aeiouyj])/g, 'z'],
  [/ei/g, 'ai'],
  SOFT_C,
  [/x|chs/g, 'ks'],
]
/** German has one spelling for ш and ж. */
const GERMAN_ZH: Rules = GERMAN.map(([group, sign]) =>
  group.source === 'sch' ? [group, 'Z'] : [group, sign],
)

const FRENCH: Rules = [
  [/chtch/g, 'S'],
  [/ç/g, 's'],
  ...MARKED,
  [/tch/g, 'C'],
  [/dj/g, 'dZ'],
  [/ch/g, 'S'],
  [/j/g, 'Z'],
  [/ill(?=[aeou])/g, 'i'],
  [/oi[sx]$/g, 'ua'],
  [/ier$/g, 'ie'],
  [/gu(?=[eiy])/g, 'h'],
  [/ts|tz/g, 'T'],
  [/c(?=[eiy])/g, 's'],
  [/eau|au/g, 'o'],
  [/ine?$/g, 'in'],
  [/(?<=[^aeiou])e$/g, ''],
  [/x/g, 'ks'],
]

/** How English names sound, as Ukrainian and Russian write them: Blake Блейк, Knight Найт, Wright Райт, Shaw Шоу. */
const ENGLISH: Rules = [
  ...MARKED,
  [/^kn/g, 'n'],
  [/^wr|^rh/g, 'r'],
  [/^wh/g, 'v'],
  [/^geo/g, 'dZo'],
  [/^mc/g, 'mak'],
  [/mb$/g, 'm'],
  [/ai(?=r)|are$/g, 'e'],
  [/ai|ay/g, 'ei'],
  [/igh/g, 'ai'],
  [/augha?n$/g, 'on'],
  [/ough|augh/g, 'o'],
  [/gh(?=[^aeiou]|$)/g, ''],
  [/(?<=[aeiou])h(?=[^aeiou]|$)/g, ''],
  [/tch|ch/g, 'C'],
  [/sch/g, 'sk'],
  [/sh/g, 'S'],
  [/th/g, 't'],
  [/dge?(?=$|[eiy])|j|ge$/g, 'dZ'],
  [/c(?=[eiy])/g, 's'],
  [/aw$|au$|ow$/g, 'ou'],
  [/au|aw/g, 'o'],
  [/ow/g, 'au'],
  [/oo|ew/g, 'u'],
  [/ee|ea|ie(?=[^r])/g, 'i'],
  [/(?<=[a-z])(ey|ie)$/g, 'i'],
  [/i(?=[^aeiouy]e(s|$))/g, 'ai'],
  [/a(?=[^aeiouyr]e(s|$|r$))/g, 'ei'],
  [/o(?=[^aeiouyr]e(s|$))/g, 'ou'],
  [/u(?=[^aeiouyr]e(s|$))/g, 'iu'],
  [/(?<=[^aeiou])es$/g, 's'],
  [/(?<=[^aeiou])e$/g, ''],
  [/x/g, 'ks'],
]

/** s after a vowel at the end is heard as з: Hughes Х'юз, Hayes Гейз, Matthews Метьюз. */
const ENGLISH_Z: Rules = [[/(?<=gh|[wy])e?s$/g, 'z'], ...ENGLISH]
/** g before e and i, as in Roger Роджер and D'Angelo Д'Анджело. */
const ENGLISH_SOFT_G: Rules = [[/g(?=[ei])/g, 'dZ'], ...ENGLISH]

const SPELLINGS: readonly Spelling[] = [
  { marks: /x/, rules: X_AS_H },
  { marks: /[čšžřěěňťďůľâûêèŝ]|ch|c(?![hkzeiy])/, rules: CZECH },
  { marks: /[łżźćśńąęó]|sz|cz|rz|dz|ch|c(?![hkeiy])/, rules: POLISH },
  { marks: /[äöüß]|sch|tz|ch|w|ei|z|s[aeiouyj]/, rules: GERMAN },
  { marks: /sch/, rules: GERMAN_ZH },
  { marks: /tch|ou|^i[aeou]|[çïêèàâîô]|dj|gu[eiy]|ine$|eau|lle$|ier$|oi[sx]$|^j/, rules: FRENCH },
  {
    marks:
      /^(kn|wr|wh|rh|mc)|gh|th|j|ah|oh|ow|aw|ew|oo|ee|ea|ai|ay|ey|ie$|ge$|ce|[aiou][^aeiouy]e(s|r)?$|mb$/,
    rules: ENGLISH,
  },
  { marks: /(gh|[wy])e?s$/, rules: ENGLISH_Z },
  { marks: /g[ei]/, rules: ENGLISH_SOFT_G },
]

/** What every reading ends with: sounds and letters that all spellings write differently for one Cyrillic letter. */
const LAST: Rules = [
  [/kh|gh|g/g, 'h'],
  [/ph/g, 'f'],
  [/w/g, 'v'],
  [/q|ck|c/g, 'k'],
  [/ou/g, 'u'],
  [/[yij]+(?=[aeou])/g, ''],
  [/[yij]+/g, 'i'],
  [/(.)\1+/g, '$1'],
]

/**
 * Folded forms of a word in Latin letters, the general one first; see [Note: readings].
 * @param word in lower case, composed (NFC)
 */
export function readingsOf(word: string): string[] {
  const bare = word.replaceAll(/['’ʼ`´ʹʺ]/g, '')
  const rules = [GENERAL, ...SPELLINGS.filter(({ marks }) => marks.test(bare)).map((one) => one.rules)]
  return [
    ...new Set(
      rules.map((one) => folded(folded(bare, one).normalize('NFKD').replaceAll(/\p{M}/gu, ''), LAST)),
    ),
  ]
}

function folded(word: string, rules: Rules): string {
  return rules.reduce((text, [group, sign]) => text.replaceAll(group, sign), word)
}
