import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { en } from './en.ts'
import { uk } from './uk.ts'

const PLURAL = /_(one|few|many|other)$/

/** Every text by its key: `case.title`. */
function flat(texts: object, before = ''): Map<string, string> {
  const all = new Map<string, string>()
  for (const [name, value] of Object.entries(texts)) {
    const key = before + name
    if (typeof value === 'string') all.set(key, value)
    else for (const [deeper, text] of flat(value as object, `${key}.`)) all.set(deeper, text)
  }
  return all
}

const english = flat(en)
const ukrainian = flat(uk)
const bare = (texts: Map<string, string>): string[] =>
  [...new Set([...texts.keys()].map((key) => key.replace(PLURAL, '')))].toSorted()

describe('texts', () => {
  test('are the same in both languages', () => {
    expect(bare(ukrainian)).toEqual(bare(english))
  })

  test('have every plural form that the language has', () => {
    for (const [language, texts] of [
      ['en', english],
      ['uk', ukrainian],
    ] as const) {
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
      const counted = [...texts.keys()]
        .filter((key) => PLURAL.test(key))
        .map((key) => key.replace(PLURAL, ''))
      const missing = counted.flatMap((key) =>
        forms.map((form) => `${key}_${form}`).filter((name) => !texts.has(name)),
      )
      expect(missing, language).toEqual([])
    }
  })

  test('name the same values in both languages', () => {
    const different = [...english].filter(([key, text]) => {
      const other = ukrainian.get(key)
      return other !== undefined && valuesOf(text).toSorted().join() !== valuesOf(other).toSorted().join()
    })
    expect(different).toEqual([])
  })

  test('are all used', () => {
    const sources = readdirSync('web/src', { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('texts'))
      .map((file) => readFileSync(path.join('web/src', file), 'utf8'))
      .join('\n')
    const literal = new Set([...sources.matchAll(/'([a-z]\w*(?:\.\w+)+)'/gi)].map(([, key]) => key))
    // `role.${role}` uses all below `role.`.
    const prefixes = [...sources.matchAll(/`((?:[a-z]\w*\.)+)\$\{/gi)].map(([, prefix]) => prefix)
    const unused = bare(english).filter(
      (key) => !literal.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)),
    )
    expect(unused).toEqual([])
  })
})

function valuesOf(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name)
}
