import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { meansEmbedder } from '../../../test/support/made-up-packs.ts'
import { similarity } from '../embed/similarity.ts'
import { unit } from '../embed/unit.ts'
import { Model } from '../model.ts'
import { findPack } from '../pack/find-pack.ts'
import { rewriteNetwork } from './rewrite-network.ts'

/** Pictures that are unlike each other, and the same in every run. */
function picture(seed: number): Float32Array {
  return Float32Array.from(
    { length: 3 * 112 * 112 },
    (_, i) => 128 + 90 * Math.sin(i * 0.013 * seed) + 30 * Math.sin((i + 1) * 12.9898 + seed),
  )
}

test("the default pack's first embedder says the same in 192 numbers as in 512", async () => {
  const { folder, manifest } = await findPack()
  const { file, input, templateLength } = manifest.embedder
  expect(templateLength).toBe(192)
  const bytes = await readFile(path.join(folder, file.path))
  const [whole, short] = await Promise.all([
    Model.load(bytes, input),
    Model.load(bytes, input, templateLength),
  ])
  const vectors: { of512: Float32Array; of192: Float32Array }[] = []
  for (const seed of [1, 2, 3, 4]) {
    const patch = { data: picture(seed), width: 112, height: 112 }
    const run = async (model: Model): Promise<Float32Array> =>
      (await model.run(patch))[model.outputNames[0]].data.slice()
    vectors.push({ of512: await run(whole), of192: await run(short) })
  }
  for (const { of512, of192 } of vectors) {
    expect([of512.length, of192.length]).toEqual([512, 192])
    expect(Math.hypot(...of192) / Math.hypot(...of512)).toBeCloseTo(1, 3)
  }
  for (const a of vectors)
    for (const b of vectors) {
      const before = similarity(unit(a.of512), unit(b.of512))
      expect(Math.abs(similarity(unit(a.of192), unit(b.of192)) - before)).toBeLessThan(0.0005)
    }
  await whole.release()
  await short.release()
})

test('a network that ends otherwise is refused with the reason', () => {
  expect(() => rewriteNetwork(meansEmbedder(), 64)).toThrow(/cannot be shortened: vector comes from Flatten/)
})
