import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cosineOf, mostSimilarFirst } from '../../src/gallery/exact-ranking.ts'
import { seededBits } from '../../src/gallery/kernel/transform.ts'
import { GALLERY_LIMITS } from '../../src/gallery/limits.ts'
import type {
  Gallery,
  GalleryCandidate,
  GalleryFilter,
  GalleryRow,
  TemplateLoader,
} from '../../src/gallery/types.ts'

/** Makes an empty gallery of some implementation. */
export type MakeGallery = (templateLength: number, loadTemplates: TemplateLoader) => Promise<Gallery>

/** The record's part: what was added, searched the plain way. */
export class PlainGallery {
  readonly rows = new Map<number, GalleryRow>()
  readonly load: TemplateLoader = (ids) => ids.map((id) => this.rows.get(id)?.template)

  search(query: Float32Array, k: number, filter: GalleryFilter = {}): GalleryCandidate[] {
    return [...this.rows.values()]
      .filter((row) => passes(row, filter))
      .map(({ id, template }) => ({ id, similarity: cosineOf(query, template) }))
      .toSorted(mostSimilarFirst)
      .slice(0, k)
  }
}

function passes({ tag = 0, day }: GalleryRow, { tags, firstDay, lastDay }: GalleryFilter): boolean {
  if (tags !== undefined && !tags.includes(tag)) return false
  if (firstDay === undefined && lastDay === undefined) return true
  return day !== undefined && day >= (firstDay ?? -Infinity) && day <= (lastDay ?? Infinity)
}

/** Vectors with nearly normal numbers, always the same for a seed. */
export function madeTemplates(count: number, length: number, seed: number): Float32Array[] {
  const next = seededBits(seed)
  const even = (): number => next() / 2 ** 32 - 0.5
  return Array.from({ length: count }, () =>
    Float32Array.from({ length }, () => even() + even() + even() + even()),
  )
}

/** A vector near another one: `share` of its length is new. */
export function near(template: Float32Array, share: number, seed: number): Float32Array {
  const [noise] = madeTemplates(1, template.length, seed)
  return template.map((x, i) => x + noise[i] * share)
}

/** What every gallery must do, whatever it is made of. */
export function describeGallery(name: string, makeGallery: MakeGallery): void {
  const start = async (length: number): Promise<{ plain: PlainGallery; gallery: Gallery; add: AddRows }> => {
    const plain = new PlainGallery()
    const gallery = await makeGallery(length, plain.load)
    onTestFinished(() => gallery.close())
    const add: AddRows = async (rows) => {
      await gallery.add(rows)
      for (const row of rows) plain.rows.set(row.id, row)
    }
    return { plain, gallery, add }
  }

  describe(`${name}: searching`, () => {
    test('an empty gallery has no candidates', async () => {
      const { gallery } = await start(128)
      const [result] = await gallery.search(madeTemplates(1, 128, 1), { k: 10 })
      expect(result).toMatchObject({ candidates: [], facesSearched: 0 })
    })

    test.each([128, 192, 512])('agrees with a plain scan, %i numbers a template', async (length) => {
      const { plain, gallery, add } = await start(length)
      const templates = madeTemplates(3000, length, 2)
      await add(templates.map((template, i) => ({ id: i * 3 + 1, template })))
      const queries = templates.slice(0, 20).map((template, i) => near(template, 0.7, i + 50))
      const results = await gallery.search(queries, { k: 5, exact: true })
      const quick = await gallery.search(queries, { k: 5 })
      results.forEach(({ candidates }, i) => {
        expect(candidates).toEqual(plain.search(queries[i], 5))
        expect(quick[i].candidates[0]).toEqual(candidates[0])
      })
    })

    test('gives cosines of float templates, whatever lengths the vectors have', async () => {
      const { gallery, add } = await start(64)
      const [template] = madeTemplates(1, 64, 3)
      await add([{ id: 1, template: template.map((x) => x * 1000) }])
      const [{ candidates }] = await gallery.search([template.map((x) => x / -1000)], { k: 1 })
      expect(candidates[0].similarity).toBeCloseTo(-1, 6)
    })

    test('any rows, any filter, any removals: the same as a plain scan', async () => {
      const row = fc.record({
        seed: fc.integer({ min: 1, max: 40 }),
        tag: fc.option(fc.constantFrom(0, 1, 7, 65_535), { nil: undefined }),
        day: fc.option(fc.constantFrom(-5, 0, 3, 2 ** 31 - 1), { nil: undefined }),
        removed: fc.boolean(),
      })
      const filter = fc.record(
        {
          tags: fc.subarray([0, 1, 7, 65_535]),
          firstDay: fc.constantFrom(-5, 0, 3),
          lastDay: fc.constantFrom(-5, 0, 3),
        },
        { requiredKeys: [] },
      )
      const { plain, gallery, add } = await start(32)
      let nextId = 1
      await fc.assert(
        fc.asyncProperty(
          fc.array(row, { maxLength: 150 }),
          filter,
          fc.integer({ min: 1, max: 200 }),
          async (made, filter, k) => {
            const added = made.map(({ seed, tag, day, removed }) => ({
              row: {
                id: nextId++,
                template: madeTemplates(1, 32, seed)[0],
                ...(tag !== undefined && { tag }),
                ...(day !== undefined && { day }),
              },
              removed,
            }))
            await add(added.map(({ row }) => row))
            const gone = added.filter(({ removed }) => removed).map(({ row }) => row.id)
            expect(await gallery.remove(gone)).toBe(gone.length)
            for (const id of gone) plain.rows.delete(id)
            const [query] = madeTemplates(1, 32, 999)
            const [{ candidates, facesSearched }] = await gallery.search([query], { k, filter, exact: true })
            expect(facesSearched).toBe([...plain.rows.values()].filter((row) => passes(row, filter)).length)
            const wanted = plain.search(query, k, filter)
            // Equal templates are equally good; which of them come last is a matter of ids only while all are compared.
            expect(candidates.map(({ similarity }) => similarity)).toEqual(
              wanted.map(({ similarity }) => similarity),
            )
            expect(candidates.every(({ id }) => plain.rows.has(id))).toBe(true)
          },
        ),
        { numRuns: 40 },
      )
    })

    test('leaves out what the record no longer holds', async () => {
      const { plain, gallery, add } = await start(64)
      await add(madeTemplates(10, 64, 4).map((template, i) => ({ id: i + 1, template })))
      plain.rows.delete(3)
      const [{ candidates }] = await gallery.search(madeTemplates(1, 64, 5), { k: 10 })
      expect(candidates.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 10])
    })

    test('many searches at once give each its own result', async () => {
      const { plain, gallery, add } = await start(128)
      const templates = madeTemplates(500, 128, 6)
      await add(templates.map((template, i) => ({ id: i + 1, template, tag: i % 3 })))
      await Promise.all(
        templates.slice(0, 60).map(async (template, i) => {
          const filter = i % 2 === 0 ? {} : { tags: [i % 3] }
          const [{ candidates }] = await gallery.search([template], { k: 3, filter, exact: true })
          expect(candidates).toEqual(plain.search(template, 3, filter))
        }),
      )
    })
  })

  describe(`${name}: changing`, () => {
    test('removed rows are gone at once, whatever searches are under way', async () => {
      const { gallery, add } = await start(128)
      const templates = madeTemplates(2000, 128, 7)
      await add(templates.map((template, i) => ({ id: i + 1, template })))
      const searching = gallery.search([templates[0]], { k: 1 })
      const removed = await gallery.remove([1, 1, 77_777])
      await searching
      expect(removed).toBe(1)
      const [{ candidates, facesSearched }] = await gallery.search([templates[0]], { k: 2000 / 2 })
      expect(facesSearched).toBe(1999)
      expect(candidates.some(({ id }) => id === 1)).toBe(false)
      expect(await gallery.remove([1])).toBe(0)
      expect(gallery.stats()).toMatchObject({ faces: 1999, removed: 1, lastId: 2000 })
    })

    test('tells which ids it holds, ascending', async () => {
      const { gallery, add } = await start(32)
      await add(madeTemplates(5, 32, 8).map((template, i) => ({ id: (i + 1) * 10, template })))
      await gallery.remove([30])
      expect([...gallery.ids()].flatMap((piece) => [...piece])).toEqual([10, 20, 40, 50])
    })

    test('refuses rows that are wrong, and then has added nothing', async () => {
      const { gallery, add } = await start(32)
      const [template] = madeTemplates(1, 32, 9)
      await add([{ id: 5, template }])
      const refused = async (...rows: GalleryRow[]): Promise<void> => {
        await expect(gallery.add([{ id: 6, template }, ...rows])).rejects.toMatchObject({ code: 'bad_input' })
        expect(gallery.stats().faces).toBe(1)
      }
      await refused({ id: 6, template })
      await refused({ id: 7.5, template })
      await refused({ id: 7, template: template.slice(1) })
      await refused({ id: 7, template: new Float32Array(32) })
      await refused({ id: 7, template: template.map((x, i) => (i === 9 ? Number.NaN : x)) })
      await refused({ id: 7, template: template.map((x, i) => (i === 9 ? Infinity : x)) })
      await refused({ id: 7, template, tag: 65_536 })
      await refused({ id: 7, template, day: 2 ** 31 })
      await expect(gallery.add([{ id: 5, template }])).rejects.toMatchObject({ code: 'bad_input' })
    })
  })

  describe(`${name}: limits and ends`, () => {
    test('each limit is refused by name', async () => {
      const { gallery } = await start(32)
      const [query] = madeTemplates(1, 32, 10)
      const { candidates, queriesPerSearch, rowsPerAdd, idsPerRemove } = GALLERY_LIMITS
      const limited = { code: 'limit_exceeded' }
      await expect(gallery.search([query], { k: candidates + 1 })).rejects.toMatchObject(limited)
      await expect(
        gallery.search(
          Array.from({ length: queriesPerSearch + 1 }, () => query),
          { k: 1 },
        ),
      ).rejects.toMatchObject(limited)
      const rows = Array.from({ length: rowsPerAdd + 1 }, (_, i) => ({ id: i + 1, template: query }))
      await expect(gallery.add(rows)).rejects.toMatchObject(limited)
      const ids = Array.from({ length: idsPerRemove + 1 }, (_, i) => i)
      await expect(gallery.remove(ids)).rejects.toMatchObject(limited)
      const bad = { code: 'bad_input' }
      await expect(gallery.search([query], { k: 0 })).rejects.toMatchObject(bad)
      await expect(gallery.search([query.slice(1)], { k: 1 })).rejects.toMatchObject(bad)
      await expect(gallery.search([query], { k: 1, filter: { tags: [-1] } })).rejects.toMatchObject(bad)
      await expect(gallery.search([query], { k: 1, filter: { firstDay: 0.5 } })).rejects.toMatchObject(bad)
    })

    test('more searches than may wait are refused as busy, the others answered', async () => {
      const { gallery, add } = await start(64)
      const templates = madeTemplates(200, 64, 11)
      await add(templates.map((template, i) => ({ id: i + 1, template })))
      const asked = GALLERY_LIMITS.waitingQueries * 2
      const outcomes = await Promise.allSettled(
        Array.from({ length: asked }, () => gallery.search([templates[0]], { k: 1 })),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused.length).toBeGreaterThan(0)
      expect(refused.length).toBeLessThan(asked)
      for (const { reason } of refused) expect(reason).toMatchObject({ code: 'busy' })
    })

    test('more changes than may wait are refused as busy', async () => {
      const { gallery } = await start(64)
      const asked = GALLERY_LIMITS.waitingChanges * 2
      const outcomes = await Promise.allSettled(Array.from({ length: asked }, () => gallery.remove([1])))
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused.length).toBe(asked - GALLERY_LIMITS.waitingChanges)
      for (const { reason } of refused) expect(reason).toMatchObject({ code: 'busy' })
    })

    test('a search ends when it is told to, with the reason that was given, and harms no other', async () => {
      const { plain, gallery, add } = await start(512)
      const templates = madeTemplates(4000, 512, 12)
      await add(templates.map((template, i) => ({ id: i + 1, template })))
      const controller = new AbortController()
      const reason = new Error('enough')
      const { signal } = controller
      const doomed = templates
        .slice(0, 30)
        .map((query) => gallery.search([query], { k: 5, exact: true, signal }))
      const other = gallery.search([templates[50]], { k: 5, exact: true })
      controller.abort(reason)
      for (const outcome of await Promise.allSettled(doomed)) expect(outcome).toMatchObject({ reason })
      expect((await other)[0].candidates).toEqual(plain.search(templates[50], 5))
      await expect(gallery.search([templates[0]], { k: 5, signal })).rejects.toBe(reason)
    })

    test('a closed gallery refuses', async () => {
      const { gallery, add } = await start(64)
      const [template] = madeTemplates(1, 64, 13)
      await add([{ id: 1, template }])
      await gallery.close()
      await gallery.close()
      await expect(gallery.search([template], { k: 1 })).rejects.toMatchObject({ code: 'conflict' })
      await expect(gallery.add([{ id: 2, template }])).rejects.toMatchObject({ code: 'conflict' })
    })
  })
}

type AddRows = (rows: GalleryRow[]) => Promise<void>
