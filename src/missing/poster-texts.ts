import type { PosterFact } from '../contract/missing-words.ts'

export interface PosterTexts {
  title: string
  facts: Record<PosterFact, string>
  about: string
  tell: string
  reference: string
  printed: string
}

const EN: PosterTexts = {
  title: 'MISSING PERSON',
  facts: {
    birth_date: 'Born',
    last_seen_on: 'Last seen',
    last_seen_place: 'Where',
    marks: 'Marks',
    clothing: 'Clothing',
    circumstances: 'Circumstances',
  },
  about: 'about',
  tell: 'If you know anything, tell:',
  reference: 'Reference',
  printed: 'Printed on',
}

const UK: PosterTexts = {
  title: 'ЗНИКЛА ЛЮДИНА',
  facts: {
    birth_date: 'Дата народження',
    last_seen_on: 'Востаннє бачили',
    last_seen_place: 'Де',
    marks: 'Прикмети',
    clothing: 'Одяг',
    circumstances: 'Обставини',
  },
  about: 'приблизно',
  tell: 'Якщо ви щось знаєте, повідомте:',
  reference: 'Номер справи',
  printed: 'Надруковано',
}

/** The words of a poster. */
export function posterTexts(language: 'en' | 'uk'): PosterTexts {
  return language === 'uk' ? UK : EN
}
