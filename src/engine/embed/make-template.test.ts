import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { groupPhoto } from '../../../scripts/sample-photos.ts'
import { createEngine } from '../create-engine.ts'
import { findPack } from '../pack/find-pack.ts'
import { templateLengthOf } from '../pack/manifest.ts'
import type { Face } from '../types.ts'
import { similarity } from './similarity.ts'
import { unit } from './unit.ts'

async function facesOf(packId: string | undefined, number: number): Promise<Face[]> {
  const engine = await createEngine({ workers: 1, ...(packId === undefined ? {} : { packId }) })
  const reading = await engine.readPhoto(await readFile(groupPhoto(number)))
  await engine.close()
  if (reading.outcome !== 'read') throw new Error(reading.detail)
  return reading.faces
}

test("a similarity is the weighted mean of the networks' own; weights follow the quality", async () => {
  const { manifest } = await findPack()
  const [{ weight }, ...further] = [manifest.embedder, ...manifest.furtherEmbedders]
  expect(further).toHaveLength(1)
  const faces = await facesOf(undefined, 1)
  const at = manifest.embedder.templateLength
  for (const { template, quality } of faces) {
    expect(template).toHaveLength(templateLengthOf(manifest))
    expect(Math.hypot(...template)).toBeCloseTo(1, 5)
    const share = Math.hypot(...template.subarray(0, at)) ** 2
    expect(share).toBeCloseTo(weight.bad + quality.unifiedScore * (weight.good - weight.bad), 4)
  }
  const [a, b] = faces
    .toSorted((one, other) => other.quality.unifiedScore - one.quality.unifiedScore)
    .map(({ template }) => template)
  const parts = [0, 1].map((part) => {
    const of = (template: Float32Array): Float32Array =>
      unit(part === 0 ? template.subarray(0, at) : template.subarray(at))
    return similarity(of(a), of(b))
  })
  const share = (template: Float32Array): number => Math.hypot(...template.subarray(0, at)) ** 2
  const expected =
    Math.sqrt(share(a) * share(b)) * parts[0] + Math.sqrt((1 - share(a)) * (1 - share(b))) * parts[1]
  expect(similarity(a, b)).toBeCloseTo(expected, 5)
})

test('the pack of records made before is still there, and makes the templates that it made', async () => {
  const faces = await facesOf('faceplugin-0.0.1', 1)
  expect(faces[0].template).toHaveLength(512)
})
