/**
 * Ukrainian and Russian names as the published tables write them in Latin letters. Made by the rules of the tables alone,
 * so that what is measured with them says nothing of how this program folds names.
 */
export type Standard =
  | 'KMU 2010'
  | 'ICAO 9303, GOST 2013'
  | 'BGN/PCGN'
  | 'ISO 9:1995'
  | 'Czech and Slovak'
  | 'Polish'
  | 'German'
  | 'French'

type Table = Record<string, string>

const table = (text: string): Table =>
  Object.fromEntries(text.split(' ').map((pair) => [pair[0], pair.slice(1).replace('_', '')]))

const KMU = table(
  'аa бb вv гh ґg дd еe єie жzh зz иy іi їi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ь_ юiu яia',
)
const KMU_FIRST = table('єye їyi йy юyu яya')
const ICAO = table(
  'аa бb вv гg ґg дd еe ёe єie жzh зz иi іi їi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъie ыy ь_ эe юiu яia',
)
const BGN_UK = table(
  'аa бb вv гh ґg дd еe єye жzh зz иy іi їyi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ь’ юyu яya',
)
const BGN_RU = table(
  'аa бb вv гg дd еe ёyë жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ” ыy ь’ эe юyu яya',
)
const ISO9 = table(
  'аa бb вv гg ґg̀ дd еe ёë єê жž зz иi іì їï йj кk лl мm нn оo пp рr сs тt уu фf хh цc чč шš щŝ ъʺ ыy ьʹ эè юû яâ',
)
const CZECH = table(
  'аa бb вv гh ґg дd еe ёjo єje жž зz иy іi їji йj кk лl мm нn оo пp рr сs тt уu фf хch цc чč шš щšč ъ_ ыy ь_ эe юju яja',
)
const POLISH = table(
  'аa бb вw гh ґg дd еe ёjo єje жż зz иy іi їji йj кk лl мm нn оo пp рr сs тt уu фf хch цc чcz шsz щszcz ъ_ ыy ь_ эe юju яja',
)
const GERMAN = table(
  'аa бb вw гh ґg дd еe ёjo єje жsch зs иy іi їji йj кk лl мm нn оo пp рr сs тt уu фf хch цz чtsch шsch щschtsch ъ_ ыy ь_ эe юju яja',
)
const FRENCH = table(
  'аa бb вv гh ґg дd еe ёio єïe жj зz иy іi їï йï кk лl мm нn оo пp рr сs тt уou фf хkh цts чtch шch щchtch ъ_ ыy ь_ эe юiou яia',
)
/** Tables that are made for Ukrainian read Russian и and г otherwise. */
const RUSSIAN: Table = { и: 'i', г: 'g' }

export const STANDARDS: readonly Standard[] = [
  'KMU 2010',
  'ICAO 9303, GOST 2013',
  'BGN/PCGN',
  'ISO 9:1995',
  'Czech and Slovak',
  'Polish',
  'German',
  'French',
]

export function transliterated(name: string, standard: Standard, isRussian: boolean): string {
  const word = name.toLowerCase().replaceAll(/['’]/g, '')
  const letters = lettersOf(standard, isRussian)
  const latin = Array.from(word, (letter, at) => {
    if (standard === 'KMU 2010' && at === 0) return KMU_FIRST[letter] ?? letters[letter]
    if (standard === 'KMU 2010' && letter === 'г' && word[at - 1] === 'з') return 'gh'
    if (
      standard === 'BGN/PCGN' &&
      isRussian &&
      letter === 'е' &&
      (at === 0 || /[аеёиоуыэюяйъь]/.test(word[at - 1]))
    )
      return 'ye'
    return letters[letter] ?? letter
  })
  const text = latin.join('')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function lettersOf(standard: Standard, isRussian: boolean): Table {
  const russian = isRussian ? RUSSIAN : {}
  const tables: Record<Standard, Table> = {
    'KMU 2010': KMU,
    'ICAO 9303, GOST 2013': ICAO,
    'BGN/PCGN': isRussian ? BGN_RU : BGN_UK,
    'ISO 9:1995': ISO9,
    'Czech and Slovak': { ...CZECH, ...russian },
    Polish: { ...POLISH, ...russian, ...(isRussian ? {} : { л: 'ł' }) },
    German: { ...GERMAN, ...russian },
    French: { ...FRENCH, ...russian, ...(isRussian ? { г: 'gu' } : {}) },
  }
  return tables[standard]
}

const UKRAINIAN =
  'Шевченко Коваленко Бондаренко Ткаченко Кравченко Ковальчук Коваль Шевчук Олійник Поліщук Лисенко Бойко Марченко Савченко Руденко Мельник Мороз Петренко Клименко Павленко Гончаренко Кравчук Ткачук Бондар Іваненко Левченко Козак Литвиненко Харченко Пономаренко Мазур Сидоренко Щербак Щербина Юрченко Яценко Ященко Якименко Гаврилюк Гриценко Данилюк Демченко Дяченко Євтушенко Жук Журавель Заболотний Захарченко Зінченко Зозуля Іщенко Їжакевич Качур Кириленко Кожушко Костюк Кузьменко Кулик Куценко Лук’яненко Максименко Матвієнко Мельничук Мисник Назаренко Нечипоренко Онищенко Остапенко Панченко Пилипенко Приходько Процюк Радченко Романюк Рябоконь Семенюк Скрипник Слюсар Сорока Стельмах Степаненко Терещенко Тимошенко Трохимчук Федоренко Филипчук Хоменко Цимбал Чайка Черненко Чернишов Чорновіл Чумак Шаповал Швець Шинкаренко Шульга Щур Юхименко Ющенко Яворський Яковенко Ярмоленко Сергій Максим Оксана Богдан Тарас Ярослав Назар Руслан Вадим Віталій Людмила Галина Лариса Зоряна Соломія Христина Жанна Мар’яна Уляна Ксенія'
const RUSSIAN_NAMES =
  'Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев Киселёв Ильин Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов Филиппов Комаров Давыдов Беляев Герасимов Богданов Осипов Сидоров Матвеев Титов Марков Миронов Крылов Куликов Карпов Власов Мельников Денисов Гаврилов Тихонов Казаков Афанасьев Данилов Савельев Тимофеев Фомин Чернов Абрамов Мартынов Ефимов Федотов Щербаков Назаров Калинин Исаев Чернышёв Быков Маслов Родионов Коновалов Лазарев Воронин Климов Филатов Пономарёв Голубев Кудрявцев Прохоров Наумов Потапов Журавлёв Овчинников Трофимов Леонов Соболев Ермаков Колесников Гончаров Хохлов Цветков Шилов Щукин Юдин Яшин Ежов Эрдман'

export const NAMES: readonly { name: string; isRussian: boolean }[] = [
  ...UKRAINIAN.split(' ').map((name) => ({ name, isRussian: false })),
  ...RUSSIAN_NAMES.split(' ').map((name) => ({ name, isRussian: true })),
]
