import { FLOAT32, float32Values, type OnnxGraph } from './onnx-messages.ts'

/**
 * [Note: tiny weights] Training with weight decay leaves weights that are all but zero: 15 % of the default embedder's
 * are below 1e-20, 8,938 of them subnormal (below 2^-126, about 1.2e-38). Processors without a fast path for subnormal
 * numbers compute with those, and with subnormal products, in microcode: there the embedder took sixteen times as long.
 * A weight below this bound times an activation of up to 1e8 is below 1e-22, which float32 rounds away beside any sum
 * above 1e-14 (24 bits of precision); without these weights the default pack's outputs are the same to the last bit.
 */
const TINY = 1e-30

/**
 * Sets constants nearer to 0 than {@link TINY} to 0.
 * @returns whether there were any
 */
export function zeroTinyWeights(graph: OnnxGraph): boolean {
  let changed = false
  for (const tensor of graph.initializer) {
    if (tensor.dataType !== FLOAT32) continue
    const values = float32Values(tensor)
    let hasTiny = false
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (Math.abs(value) >= TINY) continue
      hasTiny ||= value !== 0
      values[i] = 0
    }
    if (!hasTiny) continue
    changed = true
    tensor.rawData = new Uint8Array(values.buffer)
    tensor.floatData = []
  }
  return changed
}
