import {
  ATTRIBUTE_TYPES,
  FLOAT32,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
  writeOnnx,
} from '../../src/engine/model-graph/onnx-messages.ts'

/** A constant of a made-up network. */
export interface Constant {
  name: string
  dims: number[]
  values: ArrayLike<number>
}

export interface MadeUpGraph {
  input: { name: string; dims: number[] }
  nodes: OnnxNode[]
  constants: Constant[]
  outputs: { name: string; dims: number[]; elemType?: number }[]
}

/** TensorProto.DataType.INT64. */
export const INT64 = 7

/** IR version and operator set that the default pack's files use. */
const IR_VERSION = 7
const OPSET_VERSION = 11

/** Bytes of an ONNX file with the given nodes. */
export function onnxFile({ input, nodes, constants, outputs }: MadeUpGraph): Uint8Array {
  return writeOnnx({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    graph: {
      name: 'made-up',
      node: nodes,
      initializer: constants.map(tensor),
      input: [valueInfo(input)],
      output: outputs.map(valueInfo),
      valueInfo: [],
    },
  })
}

/** A network that answers every picture with the same numbers. */
export function constantNetwork(inputDims: number[], outputs: readonly Constant[]): Uint8Array {
  return onnxFile({
    input: { name: 'picture', dims: inputDims },
    nodes: outputs.map(({ name }) => onnxNode('Identity', [`${name}_values`], name)),
    constants: outputs.map((output) => ({ ...output, name: `${output.name}_values` })),
    outputs: outputs.map(({ name, dims }) => ({ name, dims })),
  })
}

export function onnxNode(
  opType: string,
  input: string[],
  output: string,
  attributes: Record<string, number | number[]> = {},
): OnnxNode {
  const attribute = Object.entries(attributes).map(([name, value]): OnnxAttribute => {
    if (Array.isArray(value)) return { name, type: ATTRIBUTE_TYPES.ints, i: 0, ints: value }
    return { name, type: ATTRIBUTE_TYPES.int, i: value, ints: [] }
  })
  return { name: output, opType, input, output: [output], attribute }
}

function tensor({ name, dims, values }: Constant): OnnxTensor {
  const rawData = new Uint8Array(Float32Array.from(values).buffer)
  return { name, dims, dataType: FLOAT32, rawData, floatData: [] }
}

function valueInfo({ name, dims, elemType = FLOAT32 }: MadeUpGraph['outputs'][number]): OnnxValueInfo {
  return {
    name,
    type: { tensorType: { elemType, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  }
}
