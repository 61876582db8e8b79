import { expect, onTestFinished, test } from 'vitest'
import { madeTemplates, near, PlainGallery } from '../../test/support/gallery-contract.ts'
import {
  calibrationFrom,
  falseMatchRate,
  falsePositiveRate,
  similarityAt,
  strangersExpected,
} from './calibration.ts'
import { openGallery } from './embedded-gallery.ts'
import { seededBits } from './kernel/transform.ts'
import { normalTail, normalTailQuantile } from './normal-quantile.ts'

const BINS = 4096
const STRANGER_DEVIATION = 0.06

/** Pairs of strangers with normal cosines, and a share of mates at 0.55 +- 0.13. */
function histogramOf(pairs: number, mateShare: number): Float64Array {
  const next = seededBits(5)
  const even = (): number => (next() + 1) / (2 ** 32 + 1)
  const normal = (): number => Math.sqrt(-2 * Math.log(even())) * Math.cos(2 * Math.PI * even())
  const histogram = new Float64Array(BINS)
  for (let i = 0; i < pairs; i++) {
    const cosine = even() < mateShare ? 0.55 + 0.13 * normal() : STRANGER_DEVIATION * normal()
    histogram[Math.min(BINS - 1, Math.max(0, Math.floor(((cosine + 1) * BINS) / 2)))]++
  }
  return histogram
}

test('normal tails and their quantiles are those of the tables', () => {
  expect(normalTail(0)).toBe(0.5)
  expect(normalTail(1)).toBeCloseTo(0.15865525, 7)
  expect(normalTail(-1)).toBeCloseTo(0.84134475, 7)
  expect(normalTail(4.753424) / 1e-6).toBeCloseTo(1, 4)
  for (const tail of [0.4, 0.1, 1e-3, 1e-6])
    expect(normalTail(normalTailQuantile(tail)) / tail).toBeCloseTo(1, 2)
})

test.each([
  { faces: 1_000_000, mateShare: 0, pairs: 3e6 },
  { faces: 1_000_000, mateShare: 2e-6, pairs: 3e6 },
  { faces: 20_000, mateShare: 1e-4, pairs: 3e6 },
  { faces: 1000, mateShare: 1e-3, pairs: 5e5 },
])(
  'finds the false match rate among strangers, mates among them or not: %o',
  ({ faces, mateShare, pairs }) => {
    const calibration = calibrationFrom(histogramOf(pairs, mateShare), faces)!
    // Where it counts, within a tenth or what mates add; in the tail a factor of three either way at one in a million.
    for (const z of [0, 1, 2]) {
      const rate = falseMatchRate(calibration, z * STRANGER_DEVIATION)
      expect(rate / normalTail(z)).toBeGreaterThan(0.9)
      expect(rate / normalTail(z)).toBeLessThan(1.15)
    }
    const millionth = 4.7534 * STRANGER_DEVIATION
    const ratio = falseMatchRate(calibration, millionth) / normalTail(4.7534)
    expect(ratio).toBeGreaterThan(1 / 3)
    expect(ratio).toBeLessThan(3)
  },
)

test('rates fall as similarity rises, and thresholds lead back to them', () => {
  const calibration = calibrationFrom(histogramOf(1e6, 0), 100_000)!
  let last = 1
  for (let cosine = -1; cosine <= 1; cosine += 0.01) {
    const rate = falseMatchRate(calibration, cosine)
    expect(rate).toBeLessThanOrEqual(last * 1.02)
    last = rate
  }
  for (const rate of [0.3, 1e-3, 1e-6]) {
    expect(falseMatchRate(calibration, similarityAt(calibration, rate)) / rate).toBeCloseTo(1, 1)
  }
  const similarity = similarityAt(calibration, 1e-6)
  expect(strangersExpected(calibration, similarity, 1e6)).toBeCloseTo(1, 2)
  expect(falsePositiveRate(calibration, similarity, 1e6)).toBeCloseTo(1 - Math.exp(-1), 2)
})

test('measures a gallery: the spread of its strangers, without pairs of people it knows', async () => {
  const people = madeTemplates(600, 64, 31)
  const { gallery } = await openGallery({
    label: 'test',
    templateLength: 64,
    loadTemplates: new PlainGallery().load,
    threads: 2,
  })
  onTestFinished(() => gallery.close())
  // Five alike faces a person: a seventieth of all pairs, so that they would show.
  const faces = people
    .slice(0, 300)
    .flatMap((template, i) => [0, 1, 2, 3, 4].map((n) => near(template, 0.4, i * 5 + n)))
  await gallery.add(faces.map((template, i) => ({ id: i + 1, template })))
  const known = (await gallery.calibrate({ personOf: (id) => Math.floor((id - 1) / 5) }))!
  const unknown = (await gallery.calibrate())!
  // Cosines of strangers in 64 even dimensions spread by 1/8; 0.7 is 5.6 deviations.
  expect(falseMatchRate(known, 0.125)).toBeCloseTo(normalTail(1), 1)
  expect(falseMatchRate(known, 0.7)).toBeLessThan(1e-6)
  expect(falseMatchRate(unknown, 0.7)).toBeLessThan(1e-4)
  expect(known.pairs).toBeLessThan(unknown.pairs)
})

test('says nothing of a gallery with too few faces', async () => {
  const { gallery } = await openGallery({
    label: 'test',
    templateLength: 32,
    loadTemplates: new PlainGallery().load,
    threads: 1,
  })
  onTestFinished(() => gallery.close())
  await gallery.add(madeTemplates(50, 32, 1).map((template, i) => ({ id: i + 1, template })))
  expect(await gallery.calibrate()).toBeUndefined()
  await expect(gallery.calibrate({ pairs: 2e9 })).rejects.toMatchObject({ code: 'limit_exceeded' })
})
