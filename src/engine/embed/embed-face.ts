import type { Model } from '../model.ts'
import type { Patch } from '../raster.ts'

/** An embedding network and how its pack wants it used. */
export interface Embedder {
  model: Model
  /** Whether the mirrored face's vector is added before normalising; `unless_sure`: where the first one leaves doubt. */
  mirror: boolean | 'unless_sure'
}

export interface Embedding {
  /** Unit length. */
  template: Float32Array
  /** Length of the raw vector (mean of face and mirror image; of the visible half when a side is covered); falls with the face's quality. */
  norm: number
  /** Cosine between the face's and its mirror image's vectors, -1 to 1; low when the crop is not an aligned face; 1 for packs that do not look at it. */
  mirrorAgreement: number
}

/**
 * Embeds an aligned face: network(face), plus network(mirrored face) where the pack says so, normalised.
 * @param face 112 x 112 RGB from `alignFace`
 * @param isSure whether a vector of this length leaves no doubt that it is of a face
 */
export async function embedFace(
  { model, mirror: addMirror }: Embedder,
  face: Patch,
  isSure: (norm: number) => boolean = () => false,
): Promise<Embedding> {
  const straight = await runEmbedder(model, face)
  const isEnough = addMirror === false || (addMirror === 'unless_sure' && isSure(lengthOf(straight)))
  const mirrored = isEnough ? straight : await runEmbedder(model, mirror(face))
  const template = new Float32Array(straight.length)
  let dot = 0
  let straightSquares = 0
  let mirroredSquares = 0
  let squares = 0
  for (let i = 0; i < template.length; i++) {
    const sum = straight[i] + mirrored[i]
    template[i] = sum
    squares += sum * sum
    dot += straight[i] * mirrored[i]
    straightSquares += straight[i] * straight[i]
    mirroredSquares += mirrored[i] * mirrored[i]
  }
  const length = Math.sqrt(squares)
  for (let i = 0; i < template.length; i++) template[i] /= length
  return { template, norm: length / 2, mirrorAgreement: dot / Math.sqrt(straightSquares * mirroredSquares) }
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
}

async function runEmbedder(model: Model, face: Patch): Promise<Float32Array> {
  const outputs = await model.run(face)
  // A copy: the runtime may reuse an output's memory for the next run.
  return outputs[model.outputNames[0]].data.slice()
}

/** The patch with left and right exchanged. */
export function mirror({ data, width, height }: Patch): Patch {
  const mirrored = new Float32Array(data.length)
  for (let row = 0; row < data.length; row += width) {
    for (let x = 0; x < width; x++) mirrored[row + width - 1 - x] = data[row + x]
  }
  return { data: mirrored, width, height }
}
