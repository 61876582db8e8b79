import { FLOAT32, float32Values, type OnnxGraph, type OnnxNode, type OnnxTensor } from './onnx-messages.ts'

/**
 * [Note: quantized weights] Files with 8-bit weights keep them as `DequantizeLinear` and `Reshape` of constants. Two
 * things keep onnxruntime from running such files as they are spread: constants that are listed as inputs of the graph
 * (as IR versions before 4 wanted it) are no constants to it, and a `block_size` beside one scale for the whole tensor is
 * refused. Computed here once into 32-bit floats, the weights are ordinary constants and the network runs as fast as one
 * that was never quantized.
 */

/** TensorProto.DataType. */
const INT8 = 3
const UINT8 = 2
const INT64 = 7

/**
 * Computes `DequantizeLinear` and `Reshape` of constants, as the ONNX specification (opset 21) says, and takes weights off
 * the list of inputs.
 * @returns whether anything changed
 */
export function foldQuantizedWeights(graph: OnnxGraph): boolean {
  if (!graph.node.some(({ opType }) => opType === 'DequantizeLinear')) return false
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
  graph.node = graph.node.filter((node) => {
    const folded = foldNode(node, constants)
    if (folded !== undefined) constants.set(folded.name, folded)
    return folded === undefined
  })
  const used = new Set(graph.node.flatMap(({ input }) => input))
  // Weights' own names stay listed where the file's weights have got others.
  graph.input = graph.input.filter(({ name }) => used.has(name) && !constants.has(name))
  graph.initializer = [...constants.values()].filter(({ name }) => used.has(name))
  return true
}

function foldNode(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): OnnxTensor | undefined {
  const inputs = node.input.map((name) => constants.get(name))
  if (inputs.some((input) => input === undefined)) return undefined
  const tensors = inputs as OnnxTensor[]
  if (node.opType === 'DequantizeLinear') return dequantized(node, tensors)
  if (node.opType === 'Reshape') return reshaped(node, tensors)
  return undefined
}

/** y = (x - zeroPoint) * scale, with one scale for all, one for each index of the axis, or one for each block along it. */
function dequantized(
  node: OnnxNode,
  [quantized, scale, zeroPoint]: readonly OnnxTensor[],
): OnnxTensor | undefined {
  const values = eightBits(quantized)
  const zeros = zeroPoint === undefined ? undefined : eightBits(zeroPoint)
  if (values === undefined || (zeroPoint !== undefined && zeros === undefined)) return undefined
  const scales = float32Values(scale)
  const scaleAt = scaleIndex(node, quantized, scales.length)
  if (scaleAt === undefined) return undefined
  const data = new Float32Array(values.length)
  for (let i = 0; i < data.length; i++) {
    const at = scaleAt(i)
    data[i] = (values[i] - (zeros?.[at] ?? 0)) * scales[at]
  }
  return floats(node.output[0], quantized.dims, data)
}

/** Which scale stands for which number of a tensor in row-major order; undefined when they do not fit together. */
function scaleIndex(
  node: OnnxNode,
  { dims }: OnnxTensor,
  scales: number,
): ((index: number) => number) | undefined {
  if (scales === 1) return () => 0
  const sizes = dims.map(Number)
  const axis = Number(attribute(node, 'axis') ?? 1)
  const block = Number(attribute(node, 'block_size') ?? 0)
  const [size] = sizes.slice(axis)
  const after = sizes.slice(axis + 1).reduce((product, one) => product * one, 1)
  const before = sizes.slice(0, axis).reduce((product, one) => product * one, 1)
  if (size === undefined) return undefined
  if (block === 0) return scales === size ? (index) => Math.floor(index / after) % size : undefined
  const blocks = Math.ceil(size / block)
  if (scales !== before * blocks * after) return undefined
  return (index) => {
    const along = Math.floor(index / after) % size
    const outer = Math.floor(index / (after * size))
    return (outer * blocks + Math.floor(along / block)) * after + (index % after)
  }
}

/** 0 in the shape stands for the tensor's own size there, -1 for whatever is left. */
function reshaped(node: OnnxNode, [tensor, shape]: readonly OnnxTensor[]): OnnxTensor | undefined {
  if (tensor.dataType !== FLOAT32 || shape.dataType !== INT64 || shape.rawData.length === 0) return undefined
  const wanted = [...new BigInt64Array(Uint8Array.from(shape.rawData).buffer)].map(Number)
  const data = float32Values(tensor)
  const sizes = wanted.map((size, at) => (size === 0 ? Number(tensor.dims[at]) : size))
  const known = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1)
  return floats(
    node.output[0],
    sizes.map((size) => (size === -1 ? data.length / known : size)),
    data,
  )
}

function eightBits({ dataType, rawData }: OnnxTensor): Int8Array | Uint8Array | undefined {
  if (dataType === UINT8) return rawData
  return dataType === INT8 ? new Int8Array(rawData.buffer, rawData.byteOffset, rawData.length) : undefined
}

function floats(name: string, dims: OnnxTensor['dims'], data: Float32Array): OnnxTensor {
  return { name, dims, dataType: FLOAT32, rawData: new Uint8Array(data.buffer), floatData: [] }
}

function attribute(node: OnnxNode, name: string): OnnxNode['attribute'][number]['i'] | undefined {
  return node.attribute.find((one) => one.name === name)?.i
}
