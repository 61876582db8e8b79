import { readFile } from 'node:fs/promises'
import path from 'node:path'
import * as ort from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { onnxFile, onnxNode } from '../../../test/support/onnx-graphs.ts'
import { similarity } from '../embed/similarity.ts'
import { findPack } from '../pack/find-pack.ts'
import { FLOAT32, float32Values, readOnnx } from './onnx-messages.ts'
import { rewriteNetwork } from './rewrite-network.ts'

const CHANNELS = 4
const SIDE = 3
/** Below 0, between 0 and 1, exactly 1 and above: the identity holds for all. */
const SLOPES = [-0.5, 0.25, 1, 2.5]

function preluNetwork(slopeDims: number[], overridable = false): Uint8Array {
  const identity = Array.from({ length: CHANNELS * CHANNELS }, (_, i) => (i % (CHANNELS + 1) === 0 ? 1 : 0))
  const slopeCount = slopeDims.reduce((product, size) => product * size, 1)
  return onnxFile({
    input: { name: overridable ? 'slopes' : 'x', dims: overridable ? slopeDims : [1, CHANNELS, SIDE, SIDE] },
    nodes: [
      onnxNode('Conv', ['x', 'w'], 'c', { kernel_shape: [1, 1] }),
      onnxNode('PRelu', ['c', 'slopes'], 'y'),
    ],
    constants: [
      { name: 'w', dims: [CHANNELS, CHANNELS, 1, 1], values: identity },
      {
        name: 'slopes',
        dims: slopeDims,
        values: Array.from({ length: slopeCount }, (_, i) => SLOPES[i % 4]),
      },
    ],
    outputs: [{ name: 'y', dims: [1, CHANNELS, SIDE, SIDE] }],
  })
}

function operators(file: Uint8Array): string[] {
  return readOnnx(file).graph?.node.map(({ opType }) => opType) ?? []
}

function weights(file: Uint8Array): number[] {
  const constants = readOnnx(file).graph?.initializer ?? []
  return constants
    .filter(({ dataType }) => dataType === FLOAT32)
    .flatMap((tensor) => [...float32Values(tensor)])
}

async function run(file: Uint8Array, values: Float32Array, dims: number[]): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 3 })
  const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', values, dims) })
  const copy = (outputs[session.outputNames[0]].data as Float32Array).slice()
  await session.release()
  return copy
}

/** Numbers between -1 and 1 from the sine's last digits: unlike each other and the same in every run. */
function noise(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin((i + 1) * 12.9898 + seed * 78.233))
}

describe('rewriteNetwork', () => {
  test.each([[[CHANNELS, 1, 1]], [[1, CHANNELS, 1, 1]]])(
    'computes PRelu with slopes of shape %j',
    async (dims) => {
      const rewritten = rewriteNetwork(preluNetwork(dims))
      expect(operators(rewritten)).toEqual(['Conv', 'Conv', 'Relu', 'Conv', 'Add'])
      const x = noise(CHANNELS * SIDE * SIDE, 1)
      const y = await run(rewritten, x, [1, CHANNELS, SIDE, SIDE])
      for (const [i, value] of x.entries()) {
        const slope = SLOPES[Math.floor(i / (SIDE * SIDE))]
        expect(y[i]).toBeCloseTo(value > 0 ? value : slope * value, 5)
      }
    },
  )

  test.each([
    ['one slope a column', preluNetwork([1, 1, SIDE])],
    ['slopes that the caller may override', preluNetwork([CHANNELS, 1, 1], true)],
    ['bytes that are no network', new TextEncoder().encode('not a network')],
    ['nothing', new Uint8Array()],
  ])('leaves alone: %s', (_name, file) => {
    expect(rewriteNetwork(file)).toBe(file)
  })

  test('weights that are all but zero become zero, the others stay', () => {
    const values = [1e-40, -1e-31, 1e-29, -0.5]
    const file = onnxFile({
      input: { name: 'x', dims: [1, 1, 2, 2] },
      nodes: [onnxNode('Conv', ['x', 'w'], 'y', { kernel_shape: [1, 1] })],
      constants: [{ name: 'w', dims: [4, 1, 1, 1], values }],
      outputs: [{ name: 'y', dims: [1, 4, 2, 2] }],
    })
    expect(weights(rewriteNetwork(file))).toEqual([...Float32Array.of(0, 0, 1e-29, -0.5)])
  })

  test.each(['embedder', 'landmarks', 'detector', 'pose', 'eyes'] as const)(
    'the default %s computes without subnormal weights',
    async (part) => {
      const { folder, manifest } = await findPack()
      const original = await readFile(path.join(folder, manifest[part]?.file.path ?? ''))
      const subnormal = weights(rewriteNetwork(original)).filter(
        (weight) => weight !== 0 && Math.abs(weight) < 2 ** -126,
      )
      expect(subnormal).toEqual([])
    },
  )

  test('the default embedder gives the same vectors without a single PRelu', async () => {
    const { folder, manifest } = await findPack()
    const original = await readFile(path.join(folder, manifest.embedder.file.path))
    expect(operators(original)).toContain('PRelu')
    const rewritten = rewriteNetwork(original)
    expect(operators(rewritten)).not.toContain('PRelu')
    for (const seed of [1, 2, 3]) {
      const x = noise(3 * 112 * 112, seed)
      const [before, after] = [
        await run(original, x, [1, 3, 112, 112]),
        await run(rewritten, x, [1, 3, 112, 112]),
      ]
      expect(similarity(unit(before), unit(after))).toBeGreaterThan(0.99999)
      expect(Math.hypot(...after) / Math.hypot(...before)).toBeCloseTo(1, 4)
    }
  })
})

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
