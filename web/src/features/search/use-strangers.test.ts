import i18next from 'i18next'
import { expect, test } from 'vitest'
import { en } from '../../texts/en.ts'
import { uk } from '../../texts/uk.ts'
import { strangersInWords } from './use-strangers.ts'

const texts = { en, uk }

test.each([
  ['en', 184 / 9200, true, 'A stranger this alike: in fewer than 1 of 50 such searches'],
  ['uk', 184 / 9200, true, 'Настільки схожа чужа людина: рідше ніж в 1 з 50 таких пошуків'],
  ['en', 184 / 9200, false, 'A stranger this alike: in 1 of 50 such searches'],
  ['en', 6000 / 9200, true, 'Strangers this alike: fewer than 1'],
  ['uk', 100_000 / 9200, true, 'Настільки схожих чужих людей: менш ніж 11'],
  ['en', 10, false, 'Strangers this alike: about 10'],
  ['en', 5 / 9200, true, 'A stranger this alike: in fewer than 1 of 1,800 such searches'],
] as const)('%s: %s strangers, only the bound known: %s', async (language, expected, extrapolated, words) => {
  const instance = i18next.createInstance()
  const t = await instance.init({
    lng: language,
    resources: { [language]: { translation: texts[language] } },
    interpolation: { escapeValue: false },
  })
  const rough = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 })
  const shown = strangersInWords({ strangersExpected: expected, extrapolated }, t, (value) =>
    rough.format(value),
  )
  expect(shown).toBe(words)
})
