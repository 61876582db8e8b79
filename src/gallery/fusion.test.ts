import { expect, test } from 'vitest'
import { madeTemplates, near } from '../../test/support/gallery-contract.ts'
import { cosineOf } from './exact-ranking.ts'
import { bestOf, fuseProbes } from './fusion.ts'

test('probes of one person fuse to something nearer to them than any probe', () => {
  const [person] = madeTemplates(1, 128, 41)
  const probes = [1, 2, 3, 4].map((seed) => ({ template: near(person, 1, seed), quality: 0.8 }))
  const fused = fuseProbes(probes)
  expect(Math.hypot(...fused)).toBeCloseTo(1, 5)
  const best = Math.max(...probes.map(({ template }) => cosineOf(template, person)))
  expect(cosineOf(fused, person)).toBeGreaterThan(best + 0.05)
})

test('quality decides how much a probe counts, its length does not', () => {
  const [a, b] = madeTemplates(2, 64, 42)
  const fused = fuseProbes([
    { template: a.map((x) => x * 100), quality: 0.1 },
    { template: b, quality: 0.9 },
  ])
  expect(cosineOf(fused, b)).toBeGreaterThan(cosineOf(fused, a) + 0.5)
  const unscored = fuseProbes([{ template: a, quality: 0 }])
  expect(cosineOf(unscored, a)).toBeCloseTo(1, 6)
})

test('refuses none, too many, and different lengths', () => {
  const [template] = madeTemplates(1, 32, 43)
  expect(() => fuseProbes([])).toThrow(expect.objectContaining({ code: 'bad_input' }))
  const many = Array.from({ length: 65 }, () => ({ template, quality: 1 }))
  expect(() => fuseProbes(many)).toThrow(expect.objectContaining({ code: 'limit_exceeded' }))
  const odd = [
    { template, quality: 1 },
    { template: template.slice(1), quality: 1 },
  ]
  expect(() => fuseProbes(odd)).toThrow(expect.objectContaining({ code: 'bad_input' }))
})

test('best-of keeps the best similarity of each face', () => {
  const lists = [
    [
      { id: 1, similarity: 0.4 },
      { id: 2, similarity: 0.3 },
    ],
    [{ id: 2, similarity: 0.5 }],
  ]
  expect(bestOf(lists, 2)).toEqual([
    { id: 2, similarity: 0.5 },
    { id: 1, similarity: 0.4 },
  ])
  expect(bestOf(lists, 1)).toHaveLength(1)
})
