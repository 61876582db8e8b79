import { foldQuantizedWeights } from './fold-quantized-weights.ts'
import { readOnnx, writeOnnx, type OnnxModel } from './onnx-messages.ts'
import { replacePrelu } from './replace-prelu.ts'
import { shortenOutput } from './shorten-output.ts'
import { zeroTinyWeights } from './zero-tiny-weights.ts'

/**
 * Rewrites a network to run faster with the same outputs, up to rounding: see [Note: PRelu],
 * [Note: tiny weights] and [Note: quantized weights].
 * @param bytes an ONNX file whose hash was checked
 * @param outputs numbers that the network is to give, where it gives more than it needs; see [Note: short outputs]
 * @returns the rewritten file; the given bytes when there is nothing to rewrite or they are not an ONNX file
 * @throws TypeError when the output cannot be shortened
 */
export function rewriteNetwork(bytes: Uint8Array, outputs?: number): Uint8Array {
  const model = readOrUndefined(bytes)
  if (model === undefined || model.graph === null) return bytes
  // First: the others look at constants.
  const isFolded = foldQuantizedWeights(model.graph)
  if (outputs !== undefined) shortenOutput(model.graph, outputs)
  const isWithoutPrelu = replacePrelu(model.graph)
  const isWithoutTiny = zeroTinyWeights(model.graph)
  return isFolded || outputs !== undefined || isWithoutPrelu || isWithoutTiny ? writeOnnx(model) : bytes
}

function readOrUndefined(bytes: Uint8Array): OnnxModel | undefined {
  try {
    return readOnnx(bytes)
  } catch {
    // What is wrong with the file is the runtime's to say.
    return undefined
  }
}
