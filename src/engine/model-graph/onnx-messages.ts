import protobuf from 'protobufjs/light.js'
import type { Long } from 'protobufjs/light.js'

/**
 * The messages of an ONNX file that are read, changed or written here; field numbers from the ONNX specification
 * (onnx.proto, IR version 3 and later). A sub-message that nobody looks into is declared as bytes, which has the same
 * form on the wire, and fields that are not declared are kept: what is not touched is written back as it was.
 */
export interface OnnxModel {
  irVersion: number | Long
  /** Null when the file has none. */
  graph: OnnxGraph | null
  opsetImport: { domain: string; version: number | Long }[]
}

export interface OnnxGraph {
  node: OnnxNode[]
  name: string
  initializer: OnnxTensor[]
  input: OnnxValueInfo[]
  output: OnnxValueInfo[]
  /** Shapes of values between the nodes, each a ValueInfoProto. */
  valueInfo: Uint8Array[]
}

export interface OnnxNode {
  input: string[]
  output: string[]
  name: string
  opType: string
  attribute: OnnxAttribute[]
}

export interface OnnxAttribute {
  name: string
  /** AttributeType of the specification; see {@link ATTRIBUTE_TYPES}. */
  type: number
  i: number | Long
  ints: (number | Long)[]
}

export interface OnnxTensor {
  dims: (number | Long)[]
  /** DataType of the specification; see {@link FLOAT32}. */
  dataType: number
  name: string
  /** Little-endian numbers; files may use `floatData` instead. */
  rawData: Uint8Array
  floatData: number[]
}

export interface OnnxValueInfo {
  name: string
  type: { tensorType: { elemType: number; shape: { dim: { dimValue: number | Long }[] } } }
}

/** TensorProto.DataType.FLOAT. */
export const FLOAT32 = 1
/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPES = { int: 2, ints: 7 } as const

const field = (
  id: number,
  type: string,
  rule?: 'repeated',
): { id: number; type: string; rule?: 'repeated' } => (rule === undefined ? { id, type } : { id, type, rule })

const MODEL = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: field(1, 'int64'),
        graph: field(7, 'Graph'),
        opsetImport: field(8, 'Opset', 'repeated'),
      },
    },
    Opset: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    Graph: {
      fields: {
        node: field(1, 'Node', 'repeated'),
        name: field(2, 'string'),
        initializer: field(5, 'Tensor', 'repeated'),
        input: field(11, 'ValueInfo', 'repeated'),
        output: field(12, 'ValueInfo', 'repeated'),
        valueInfo: field(13, 'bytes', 'repeated'),
      },
    },
    Node: {
      fields: {
        input: field(1, 'string', 'repeated'),
        output: field(2, 'string', 'repeated'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: field(5, 'Attribute', 'repeated'),
      },
    },
    Attribute: {
      fields: {
        name: field(1, 'string'),
        i: field(3, 'int64'),
        ints: field(8, 'int64', 'repeated'),
        type: field(20, 'int32'),
      },
    },
    Tensor: {
      fields: {
        dims: field(1, 'int64', 'repeated'),
        dataType: field(2, 'int32'),
        floatData: field(4, 'float', 'repeated'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
      },
    },
    ValueInfo: { fields: { name: field(1, 'string'), type: field(2, 'ValueType') } },
    ValueType: { fields: { tensorType: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'Shape') } },
    Shape: { fields: { dim: field(1, 'Dimension', 'repeated') } },
    Dimension: { fields: { dimValue: field(1, 'int64') } },
  },
}).lookupType('Model')

/**
 * Reads an ONNX file. Tensors' `rawData` are views of the given bytes.
 * @throws Error when the bytes are not an ONNX file
 */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const reader = protobuf.Reader.create(bytes)
  reader.discardUnknown = false
  return MODEL.decode(reader) as unknown as OnnxModel
}

/** Writes an ONNX file: a model from {@link readOnnx}, or a plain object of the same shape. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  return MODEL.encode(model).finish()
}

/** A copy of the numbers of a {@link FLOAT32} tensor, wherever the file keeps them. */
export function float32Values(tensor: OnnxTensor): Float32Array {
  return tensor.rawData.length > 0
    ? // A copy also because the bytes may stand at any address.
      new Float32Array(new Uint8Array(tensor.rawData).buffer)
    : Float32Array.from(tensor.floatData)
}
