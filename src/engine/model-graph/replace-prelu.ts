import {
  ATTRIBUTE_TYPES,
  FLOAT32,
  float32Values,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
} from './onnx-messages.ts'

/**
 * [Note: PRelu] onnxruntime runs convolutions in a blocked layout (NCHWc) in which it has no PRelu: each one costs two
 * reorders of the whole tensor and a slow loop, half of the default embedder's time. With a slope `a` for each channel,
 * `PRelu(x) = max(x, 0) + a min(x, 0) = x + (1 - a) Relu(-x)` holds for every `a`, and that sum is made of parts which
 * the blocked layout has: a depthwise 1x1 convolution by -1 (Relu is fused into it), one by 1 - a, and an addition
 * (fused into the latter). Measured beside the alternatives (a x + (1 - a) Relu(x); max(x, a x), which needs a <= 1),
 * this is the fastest; see bench/engine/README.md.
 */

/** Operators whose output has the layout batch x channels x height x width. */
const CHANNELS_SECOND = new Set(['Conv', 'BatchNormalization'])

/**
 * Rewrites every PRelu with one constant slope a channel, see [Note: PRelu]. Outputs change by rounding only.
 * @returns whether there was one
 */
export function replacePrelu(graph: OnnxGraph): boolean {
  const inputs = new Set(graph.input.map(({ name }) => name))
  // An initializer that is also an input can be overridden and is no constant.
  const constants = new Map(
    graph.initializer.filter(({ name }) => !inputs.has(name)).map((tensor) => [tensor.name, tensor]),
  )
  const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node.opType])))
  const minusOnes = new Map<number, string>()
  const names = new Set([...producers.keys(), ...graph.initializer.map(({ name }) => name), ...inputs])
  const addWeights = (base: string, values: Float32Array): string => {
    const name = freeName(names, base)
    graph.initializer.push(depthwiseWeights(name, values))
    return name
  }
  let changed = false
  graph.node = graph.node.flatMap((node) => {
    const [x, slopeName] = node.input
    const slopes =
      node.opType === 'PRelu' && CHANNELS_SECOND.has(producers.get(x) ?? '')
        ? channelSlopes(constants.get(slopeName))
        : undefined
    if (slopes === undefined) return [node]
    changed = true
    const channels = slopes.length
    const minus =
      minusOnes.get(channels) ??
      addWeights(
        `minus_${channels}`,
        slopes.map(() => -1),
      )
    minusOnes.set(channels, minus)
    const y = node.output[0]
    const scale = addWeights(
      `${y}_scale`,
      slopes.map((slope) => 1 - slope),
    )
    const [negated, below, scaled] = ['negated', 'below', 'scaled'].map((part) =>
      freeName(names, `${y}_${part}`),
    )
    return [
      depthwise(x, minus, negated, channels),
      plainNode('Relu', [negated], below),
      depthwise(below, scale, scaled, channels),
      plainNode('Add', [x, scaled], y),
    ]
  })
  return changed
}

/** The slopes when there is one for each channel: shape C x 1 x 1 or 1 x C x 1 x 1, float32. */
function channelSlopes(tensor: OnnxTensor | undefined): Float32Array | undefined {
  if (tensor === undefined || tensor.dataType !== FLOAT32) return undefined
  const dims = tensor.dims.map(Number)
  const [channels, ...rest] = dims.length === 4 && dims[0] === 1 ? dims.slice(1) : dims
  if (rest.length !== 2 || rest.some((size) => size !== 1)) return undefined
  const values = float32Values(tensor)
  return values.length === channels ? values : undefined
}

function freeName(names: Set<string>, base: string): string {
  let name = base
  for (let suffix = 2; names.has(name); suffix++) name = `${base}_${suffix}`
  names.add(name)
  return name
}

function depthwiseWeights(name: string, values: Float32Array): OnnxTensor {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return { name, dims: [values.length, 1, 1, 1], dataType: FLOAT32, rawData, floatData: [] }
}

function depthwise(x: string, weights: string, y: string, channels: number): OnnxNode {
  const attribute: OnnxAttribute[] = [
    { name: 'group', type: ATTRIBUTE_TYPES.int, i: channels, ints: [] },
    { name: 'kernel_shape', type: ATTRIBUTE_TYPES.ints, i: 0, ints: [1, 1] },
  ]
  return { name: y, opType: 'Conv', input: [x, weights], output: [y], attribute }
}

function plainNode(opType: string, input: string[], y: string): OnnxNode {
  return { name: y, opType, input, output: [y], attribute: [] }
}
