import { expect, test } from 'vitest'
import { onnxNode } from '../../../test/support/onnx-graphs.ts'
import { FLOAT32, float32Values, type OnnxGraph, type OnnxTensor } from './onnx-messages.ts'
import { foldQuantizedWeights } from './fold-quantized-weights.ts'

const INT8 = 3
const INT64 = 7

function floats(name: string, dims: number[], values: number[]): OnnxTensor {
  return { name, dims, dataType: FLOAT32, rawData: new Uint8Array(), floatData: values }
}
function bytes(name: string, dims: number[], values: number[]): OnnxTensor {
  return { name, dims, dataType: INT8, rawData: new Uint8Array(Int8Array.from(values).buffer), floatData: [] }
}

function info(name: string): OnnxGraph['input'][number] {
  return { name, type: { tensorType: { elemType: FLOAT32, shape: { dim: [] } } } }
}

/** A graph whose only weights are quantized: `x` by these scales, reshaped to 2 x 2. */
function graph(
  scales: number[],
  scaleDims: number[],
  zeros: number[],
  attributes: Record<string, number>,
): OnnxGraph {
  const shape = new Uint8Array(BigInt64Array.from([2n, -1n]).buffer)
  return {
    name: 'made-up',
    node: [
      onnxNode('DequantizeLinear', ['q', 's', 'z'], 'd', attributes),
      onnxNode('Reshape', ['d', 'shape'], 'w'),
      onnxNode('MatMul', ['x', 'w'], 'y'),
    ],
    initializer: [
      bytes('q', [1, 4], [1, -2, 3, -128]),
      floats('s', scaleDims, scales),
      bytes('z', scaleDims, zeros),
      { name: 'shape', dims: [2], dataType: INT64, rawData: shape, floatData: [] },
    ],
    input: ['x', 'w_of_another_file'].map(info),
    output: [info('y')],
    valueInfo: [],
  }
}

test.each([
  [
    'one scale for all, beside a block size',
    [0.5],
    [],
    [1],
    { axis: 1, block_size: 64 },
    [0, -1.5, 1, -64.5],
  ],
  ['one scale a block', [0.5, 2], [1, 2], [0, 1], { axis: 1, block_size: 2 }, [0.5, -1, 4, -258]],
  [
    'blocks of which the last is shorter',
    [1, 10],
    [1, 2],
    [0, 0],
    { axis: 1, block_size: 3 },
    [1, -2, 3, -1280],
  ],
  ['one scale an index', [1, 2, 3, 4], [4], [0, 0, 0, 0], { axis: 1 }, [1, -4, 9, -512]],
])(
  'weights with %s become floats, in their shape, and nothing else is asked of the caller',
  (_, scales, dims, zeros, attributes, expected) => {
    const made = graph(scales, dims, zeros, attributes)
    expect(foldQuantizedWeights(made)).toBe(true)
    expect(made.node.map(({ opType }) => opType)).toEqual(['MatMul'])
    expect(made.input.map(({ name }) => name)).toEqual(['x'])
    expect(made.initializer.map(({ name, dims: shape }) => [name, shape])).toEqual([['w', [2, 2]]])
    expect([...float32Values(made.initializer[0])]).toEqual(expected)
  },
)

test('scales that do not fit are left to the runtime', () => {
  const made = graph([1, 2, 3], [3], [0, 0, 0], { axis: 1, block_size: 2 })
  foldQuantizedWeights(made)
  expect(made.node.map(({ opType }) => opType)).toContain('DequantizeLinear')
})
