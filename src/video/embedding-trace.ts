import { packNumbers, unpackNumbers } from './kept-face.ts'

/**
 * [Note: traces]
 * Which moment of a track is most like a probe? Expressions change within a tenth of a second, and the few faces that are
 * kept as rows miss most of them: of eleven stills of a clip only eight led back to their second. So beside the rows each
 * track has a trace: the template at every moment at which the face was read, and at one between each two of them, to which
 * it was followed (engine/follow-faces.ts). One signed byte a number: the similarity is off by less than 0.005. The trace
 * serves for nothing but finding the moment; it is no template that is searched, and when the pack changes it is no longer
 * asked (the kept faces are then).
 */
export interface EmbeddingTracePoint {
  track: number
  timeS: number
  template: Float32Array
}

/** Largest number that a signed byte holds. */
const BYTE_MAX = 127

/** A trace as the record keeps it. */
export function embeddingTraceBlobs(points: readonly EmbeddingTracePoint[]): {
  times_s: Uint8Array
  vectors: Uint8Array
} {
  const times = Buffer.alloc(points.length * 8)
  points.forEach(({ timeS }, at) => times.writeDoubleLE(timeS, at * 8))
  const vectors = points.map(({ template }) => {
    const most = template.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
    return Int8Array.from(template, (value) => Math.round((value / most) * BYTE_MAX))
  })
  return { times_s: times, vectors: Buffer.concat(vectors.map(({ buffer }) => new Uint8Array(buffer))) }
}

/** The moment of a trace that is most like the probe, and how like it is. */
export function nearestMoment(
  { times_s: times, vectors }: { times_s: Uint8Array; vectors: Uint8Array },
  probe: Float32Array,
): { timeS: number; similarity: number } | undefined {
  const bytes = new Int8Array(new Uint8Array(vectors).buffer)
  const view = new DataView(new Uint8Array(times).buffer)
  let best: { timeS: number; similarity: number } | undefined
  for (let at = 0; at * 8 < times.byteLength; at++) {
    let dot = 0
    let squares = 0
    for (let number = 0; number < probe.length; number++) {
      const value = bytes[at * probe.length + number]
      dot += value * probe[number]
      squares += value * value
    }
    const similarity = squares === 0 ? 0 : dot / Math.sqrt(squares)
    if (best === undefined || similarity > best.similarity) {
      best = { timeS: view.getFloat64(at * 8, true), similarity }
    }
  }
  return best
}

export function packEmbeddingTrace(points: readonly EmbeddingTracePoint[]): Uint8Array {
  return Buffer.from(
    JSON.stringify(points.map(({ track, timeS, template }) => [track, timeS, packNumbers(template)])),
  )
}

export function unpackEmbeddingTrace(bytes: Uint8Array): EmbeddingTracePoint[] {
  const packed = JSON.parse(Buffer.from(bytes).toString('utf8')) as [number, number, string][]
  return packed.map(([track, timeS, template]) => ({ track, timeS, template: unpackNumbers(template) }))
}
