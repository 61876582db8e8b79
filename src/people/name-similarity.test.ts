import { describe, expect, test } from 'vitest'
import { jaroWinkler, nameSimilarity } from './name-similarity.ts'
import { romanise, scriptOf } from './romanise.ts'

describe('romanisation', () => {
  // Examples of the resolution's own table.
  test.each([
    ['Алушта', 'Alushta'],
    ['Згорани', 'Zghorany'],
    ['Розгон', 'Rozghon'],
    ['Єнакієве', 'Yenakiieve'],
    ['Їжакевич', 'Yizhakevych'],
    ['Кадиївка', 'Kadyivka'],
    ['Йосипівка', 'Yosypivka'],
    ['Щербухи', 'Shcherbukhy'],
    ['Русь', 'Rus'],
    ["Знам'янка", 'Znamianka'],
    ['Юрій', 'Yurii'],
    ['Ґалаґан', 'Galagan'],
  ])('Ukrainian by the resolution of 2010: %s', (name, latin) => {
    expect(romanise(name, 'kmu_2010')).toBe(latin)
  })

  test.each([
    ['Фёдор Крыленко', 'Fedor Krylenko'],
    ['Юрий Щукин', 'Iurii Shchukin'],
    ['Подъячев', 'Podieiachev'],
  ])('other Cyrillic names by ICAO Doc 9303: %s', (name, latin) => {
    expect(romanise(name, 'icao_9303')).toBe(latin)
  })

  test('tells scripts apart', () => {
    expect([scriptOf('Олена'), scriptOf('Olena'), scriptOf('Олena'), scriptOf('李')]).toEqual([
      'Cyrl',
      'Latn',
      'Zyyy',
      'Zyyy',
    ])
  })
})

describe('names', () => {
  test.each([
    ['Serhii Kravchenko', 'Сергій Кравченко'],
    ['Sergey Kravchenko', 'Сергій Петрович Кравченко'],
    ['Сергей Кравченко', 'Serhii Kravchenko'],
    ['Сергей Кравченко', 'Кравченко Сергій'],
    ['Krawtschenko', 'Кравченко'],
    ['Olena Shevchenko', 'Елена Шевченко'],
    ['Mykola Hrushevskyi', 'Николай Грушевский'],
    ['Nikolai Grushevsky', 'Микола Грушевський'],
    ['Volodymyr', 'Владимир'],
    ['Aleksandr Petrovich', 'Олександр Петрович'],
    ['Alexander', 'Олександр'],
    ['Юлия Николаевна', 'Юлія Миколаївна'],
    ['Yevhen', 'Евгений'],
    ['Zhanna Chornovil', 'Жанна Чорновіл'],
    ['Marija Schtscherbak', 'Марія Щербак'],
    ['Wołodymyr Szewczenko', 'Володимир Шевченко'],
    ['Khrystyna', 'Христина'],
    ["Мар'яна", 'Mariana'],
    ['S. Kravchenko', 'Сергій Кравченко'],
  ])('%s is found as %s', (wanted, known) => {
    expect(nameSimilarity(wanted, known)).toBeGreaterThan(0.9)
  })

  test.each([
    ['Serhii Kravchenko', 'Сергій Шевченко'],
    ['Olena', 'Ольга'],
    ['Ivan Franko', 'Леся Українка'],
    ['Bondar', 'Бондаренко Петро'],
    ['Марія', 'Марина'],
  ])('%s is not %s', (wanted, known) => {
    expect(nameSimilarity(wanted, known)).toBeLessThan(0.9)
  })

  test('Jaro-Winkler gives the values of its literature', () => {
    expect(jaroWinkler('martha', 'marhta')).toBeCloseTo(0.961, 3)
    expect(jaroWinkler('dwayne', 'duane')).toBeCloseTo(0.84, 3)
    expect(jaroWinkler('dixon', 'dicksonx')).toBeCloseTo(0.813, 3)
  })
})
