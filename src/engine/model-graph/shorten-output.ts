import { FLOAT32, float32Values, type OnnxGraph, type OnnxNode, type OnnxTensor } from './onnx-messages.ts'

/**
 * [Note: short outputs] A network may give more numbers than it has directions: the default pack's first embedder gives
 * 512, and all but 2e-5 of their length lies in 192 dimensions, since a layer of 128 channels stands before them (singular
 * values of its last layer: 2.78 the first, 0.15 the 160th, 0.02 the 200th). Turned by an orthonormal basis of its last
 * layer's range, cut to so many numbers, vectors keep their lengths and their cosines (to 2e-5, at most, of 200,000 pairs of
 * faces), and templates and the gallery's memory shrink. The basis is that of a QR decomposition with column pivoting
 * (Golub & Van Loan, Matrix Computations, 5.4.2), which needs no data: it follows from the weights.
 */

/**
 * Makes a network whose last layer is a 1x1 convolution, reshaped, give fewer numbers.
 * @param outputs numbers that are kept, fewer than the layer gives
 * @throws TypeError when the network does not end so
 */
export function shortenOutput(graph: OnnxGraph, outputs: number): void {
  const [output] = graph.output
  const reshape = producerOf(graph, output.name, 'Reshape')
  const conv = producerOf(graph, reshape.input[0], 'Conv')
  const [weights, bias, shape] = [conv.input[1], conv.input[2], reshape.input[1]].map((name) =>
    graph.initializer.find((tensor) => tensor.name === name),
  )
  if (weights === undefined || bias === undefined || shape === undefined)
    throw unfit('its weights are no constants')
  const [rows, columns, ...sides] = weights.dims.map(Number)
  if (weights.dataType !== FLOAT32 || sides.some((side) => side !== 1) || outputs >= rows)
    throw unfit(`its last layer is no 1x1 convolution to more than ${outputs} numbers`)
  const matrix = Float64Array.from(float32Values(weights))
  const basis = rangeBasis(matrix, rows, columns, outputs)
  setFloats(weights, [outputs, columns, 1, 1], product(basis, outputs, matrix, rows, columns))
  setFloats(bias, [outputs], product(basis, outputs, Float64Array.from(float32Values(bias)), rows, 1))
  shape.rawData = new Uint8Array(BigInt64Array.from([1n, BigInt(outputs)]).buffer)
  const { dim } = output.type.tensorType.shape
  dim[dim.length - 1].dimValue = outputs
}

function producerOf(graph: OnnxGraph, name: string, opType: string): OnnxNode {
  const node = graph.node.find((one) => one.output.includes(name))
  if (node?.opType !== opType)
    throw unfit(`${name} comes from ${node?.opType ?? 'nowhere'}, not from ${opType}`)
  return node
}

function unfit(why: string): TypeError {
  return new TypeError(`the network's output cannot be shortened: ${why}`)
}

function setFloats(tensor: OnnxTensor, dims: number[], values: Float64Array): void {
  tensor.dims = dims
  tensor.rawData = new Uint8Array(Float32Array.from(values).buffer)
  tensor.floatData = []
}

/**
 * Orthonormal vectors that span what a matrix gives, the longest of what is left first: modified Gram-Schmidt over its
 * columns.
 * @param matrix `rows` x `columns`, row-major
 * @returns `count` x `rows`
 */
function rangeBasis(matrix: Float64Array, rows: number, columns: number, count: number): Float64Array {
  const left = Array.from({ length: columns }, (_, column) =>
    Float64Array.from({ length: rows }, (__, row) => matrix[row * columns + column]),
  )
  const basis = new Float64Array(count * rows)
  for (let at = 0; at < count; at++) {
    const squares = left.map((one) => dot(one, one))
    const longest = squares.indexOf(Math.max(...squares))
    const length = Math.sqrt(squares[longest])
    const vector = basis.subarray(at * rows, (at + 1) * rows)
    for (let i = 0; i < rows; i++) vector[i] = left[longest][i] / length
    for (const one of left) {
      const along = dot(one, vector)
      for (let i = 0; i < rows; i++) one[i] -= along * vector[i]
    }
  }
  return basis
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** `count` x `inner` times `inner` x `columns`, row-major. */
function product(
  a: Float64Array,
  count: number,
  b: Float64Array,
  inner: number,
  columns: number,
): Float64Array {
  const result = new Float64Array(count * columns)
  for (let row = 0; row < count; row++)
    for (let k = 0; k < inner; k++) {
      const factor = a[row * inner + k]
      for (let column = 0; column < columns; column++)
        result[row * columns + column] += factor * b[k * columns + column]
    }
  return result
}
