import { alignFace } from '../align/align-face.ts'
import { doubleHalf } from '../align/double-half.ts'
import type { LoadedEmbedder, LoadedPack } from '../pack/loaded-pack.ts'
import type { Raster } from '../raster-types.ts'
import type { FaceReading, FaceView } from '../verify/face-reading.ts'
import { clamp01 } from '../quality/measure-picture.ts'
import { embedFace } from './embed-face.ts'
import { normShare } from './norm-share.ts'
import { unit } from './unit.ts'

/**
 * [Note: fused templates] A template holds one unit vector a network, each times the root of its weight, one behind the
 * other. The weights add up to 1, so the template has unit length, and the cosine of two templates is the weighted mean of
 * the networks' own cosines (score-level fusion by weighted sum, Ross & Jain 2003): the gallery scans one vector and
 * knows nothing of networks. The weights follow the face's quality, the first network's norm between bad and good, since
 * one network bears covers and blur better than another; of two faces of different quality the root of the product of
 * their weights counts, and a little is lost from 1.
 */
export async function makeTemplate(
  pack: LoadedPack,
  picture: Raster,
  { embedding, views }: Pick<FaceReading, 'embedding' | 'views'>,
): Promise<Float32Array> {
  const { embedder, furtherEmbedders } = pack
  if (furtherEmbedders.length === 0) return embedding.template
  const parts = [embedding.template]
  for (const further of furtherEmbedders) parts.push(await embedViews(further, picture, views))
  const quality = clamp01(normShare(embedding.norm, embedder.norm))
  const weights = [embedder, ...furtherEmbedders].map(
    ({ weight }) => weight.bad + quality * (weight.good - weight.bad),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const template = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const [i, part] of parts.entries()) {
    const factor = Math.sqrt(weights[i] / total)
    for (const value of part) template[at++] = factor * value
  }
  return template
}

/** The unit vector of a face by one network, of all its views. */
async function embedViews(
  embedder: LoadedEmbedder,
  picture: Raster,
  views: readonly FaceView[],
): Promise<Float32Array> {
  const sum = new Float32Array(embedder.templateLength)
  for (const { fivePoints, visibleHalf, weight } of views) {
    const face = alignFace(picture, fivePoints)
    const { template } =
      visibleHalf === undefined
        ? await embedFace(embedder, face)
        : await embedFace({ ...embedder, mirror: false }, doubleHalf(face, visibleHalf))
    for (let i = 0; i < sum.length; i++) sum[i] += weight * template[i]
  }
  return unit(sum)
}
