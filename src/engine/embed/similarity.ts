/**
 * Cosine of two templates of the same pack, -1 to 1: their dot product, since templates have unit length.
 * @throws RangeError when the lengths differ, which templates of different packs show
 */
export function similarity(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length)
    throw new RangeError(`expected templates of one pack, received ${a.length} and ${b.length} numbers`)
  let dot = 0
  for (let i = 0; i < a.length; i++) dot += a[i] * b[i]
  return Math.min(1, Math.max(-1, dot))
}
