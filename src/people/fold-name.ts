import { romanise, tableFor } from './romanise.ts'

/**
 * [Note: name keys]
 * Names of one person come in two scripts and a dozen spellings: Сергій, Сергей, Serhii, Sergey, Serguei. To compare them,
 * each word of a name is
 * 1. romanised (src/people/romanise.ts), lower-cased, stripped of accents;
 * 2. folded: letters and groups that the usual romanisations (KMU 2010, ICAO 9303, GOST, BGN/PCGN, German, Polish,
 *    French) write differently for one Cyrillic letter become one sign: г/ґ/х -> h, ш/щ -> S, ж -> Z, ч -> C, ц -> T;
 *    и/і/ї/й/ы -> i; an i before a vowel is dropped (я, є, ю, ьо); doubled signs become one;
 * 3. where it is a first name whose Ukrainian and Russian forms differ by more than spelling (Микола/Николай,
 *    Олена/Елена), replaced by one of them;
 * 4. patronymics' endings are made one (-ович/-евич/-ич; -івна/-овна/-ївна/-евна).
 * Words that still differ are compared by Jaro-Winkler similarity, see name-similarity.ts. Nothing of this says that two
 * names are of one person; it only decides what a search for a name shows.
 */
const GROUPS: readonly [RegExp, string][] = [
  [/schtsch|stsch|shtch|shch|szcz|chtch/g, 'S'],
  [/tsch|tch|cz/g, 'C'],
  [/sch|sh|sz/g, 'S'],
  [/ch/g, 'C'],
  [/zh|rz/g, 'Z'],
  [/tz|ts|c(?=[eiy])/g, 'T'],
  [/kh|gh|g|x(?=[aeiouy])/g, 'h'],
  [/ph/g, 'f'],
  [/w/g, 'v'],
  [/q|ck|c/g, 'k'],
  [/x/g, 'ks'],
  [/ou/g, 'u'],
  [/[yij]+(?=[aeou])/g, ''],
  [/[yij]+/g, 'i'],
  [/(.)\1+/g, '$1'],
]

/** First names whose Ukrainian and Russian forms are other words; each row is one name. */
const SAME_NAMES: readonly string[] = [
  'Олександр Александр Alexander Alexandre',
  'Олександра Александра Alexandra',
  'Олексій Алексей Alexei Alexey',
  'Олена Елена Helena Elena',
  'Микола Николай Nicholas Nikolas',
  'Володимир Владимир',
  'Дмитро Дмитрий',
  'Євген Евгений Eugene',
  'Євгенія Евгения Eugenia',
  'Михайло Михаил Michael',
  'Павло Павел Paul',
  'Петро Пётр Петр Peter',
  'Ганна Анна Hanna Anna',
  'Катерина Екатерина Catherine Katherine',
  'Юлія Юлия Julia',
  'Ксенія Оксана Ксения Xenia',
  'Наталія Наталья Natalia',
  'Надія Надежда',
  'Любов Любовь',
  'Світлана Светлана',
  'Степан Степан Stephan',
  'Федір Фёдор Федор Theodore',
  'Семен Семён Simon',
  'Артем Артём',
  'Кирило Кирилл Cyril',
  'Данило Даниил Данила Daniel',
  'Єлизавета Елизавета Elizabeth',
  'Тетяна Татьяна',
  'Віра Вера Vira Vera',
  'Йосип Иосиф Joseph',
  'Гаврило Гавриил Gabriel',
  'Ілля Илья Elijah',
  'Матвій Матвей Matthew',
  'Андрій Андрей Andrew Andreas',
  'Іван Иван John Johann',
  'Юрій Юрий Георгій Георгий George Yuri',
  'Григорій Григорий Gregory',
  'Антін Антон Anthony',
  'Опанас Афанасий',
  'Пилип Филипп Philip',
  'Остап Евстафий',
  'Лев Леонтій Леонтий',
  'Зіновій Зиновий',
]

const PATRONYMIC_ENDINGS: readonly [RegExp, string][] = [
  [/(?<=.{3})(ovik|ovi?C|evi?C|iC)$/, 'oviC'],
  [/(?<=.{3})(ovna|evna|ivna)$/, 'ovna'],
]

const sameNames = new Map(
  SAME_NAMES.flatMap((row) => {
    const forms = row.split(' ').map(spell)
    return forms.map((form) => [form, forms[0]] as const)
  }),
)

/** A name's words, folded; see [Note: name keys]. Words of one letter are initials and kept. */
export function foldName(name: string): string[] {
  return name
    .normalize('NFC')
    .split(/[^\p{L}\p{M}'’ʼ`´]+/u)
    .map(foldWord)
    .filter((word) => word !== '')
}

function foldWord(word: string): string {
  const spelt = spell(word)
  const same = sameNames.get(spelt)
  if (same !== undefined) return same
  return PATRONYMIC_ENDINGS.reduce((text, [ending, one]) => text.replace(ending, one), spelt)
}

function spell(word: string): string {
  const latin = romanise(word, tableFor(word))
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[\p{M}'’ʼ`´]/gu, '')
    .replaceAll('ł', 'l')
    .replaceAll('ß', 'ss')
  return GROUPS.reduce((text, [group, sign]) => text.replaceAll(group, sign), latin)
}

/**
 * Keys under which a folded word is found: its consonants, and these with each one left out, so that two words that
 * differ in any vowels and in one consonant on each side share a key.
 */
export function keysOf(word: string): string[] {
  const consonants = word.replaceAll(/[aeiouy]/g, '')
  const skeleton = consonants === '' ? word : consonants
  const keys = new Set([skeleton])
  if (skeleton.length > 2) {
    for (let at = 0; at < skeleton.length; at++) keys.add(skeleton.slice(0, at) + skeleton.slice(at + 1))
  }
  return [...keys]
}
