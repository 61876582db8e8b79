import * as ort from 'onnxruntime-node'
import { rewriteNetwork } from './model-graph/rewrite-network.ts'
import type { ModelInput } from './pack/manifest.ts'
import { normalise, samplePlanes } from './raster-kernel/raster-kernel.ts'
import type { Patch } from './raster.ts'
import type { Raster, Similarity } from './raster-types.ts'
import { throwIfStopped } from './worker/stop.ts'
import { LUMA } from './decode/perceptual-hash.ts'

/** One loaded network with fixed input size, fed from patches. Runs on the calling worker's thread alone. */
export class Model {
  readonly input: ModelInput
  readonly #session: ort.InferenceSession
  readonly #tensor: ort.Tensor
  readonly #values: Float32Array

  private constructor(session: ort.InferenceSession, input: ModelInput) {
    this.input = input
    this.#session = session
    const channels = input.channels === 'grey' ? 1 : 3
    this.#values = new Float32Array(channels * input.heightPx * input.widthPx)
    this.#tensor = new ort.Tensor('float32', this.#values, [1, channels, input.heightPx, input.widthPx])
  }

  /** Loads a network from its file's bytes, rewritten to run faster, see `rewriteNetwork`. Throws what onnxruntime throws when they are not a network. */
  static async load(bytes: Uint8Array, input: ModelInput, outputs?: number): Promise<Model> {
    const session = await ort.InferenceSession.create(rewriteNetwork(bytes, outputs), {
      // One thread a worker; parallelism comes from working on several photos.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    })
    return new Model(session, input)
  }

  /** Names of the outputs, in the network's order. */
  get outputNames(): readonly string[] {
    return this.#session.outputNames
  }

  /**
   * Runs the network on one patch of the input's size.
   * @returns each output's numbers, by name
   */
  async run(patch: Patch): Promise<Record<string, Output>> {
    fillPlanes(this.#values, patch.data, this.input)
    return this.#runOnValues()
  }

  /** Samples a view of the picture, as large as the input, and runs the network on it; see `sample`. */
  async look(picture: Raster, toSource: Similarity, fill: number): Promise<Record<string, Output>> {
    const { widthPx, heightPx } = this.input
    fillPlanes(this.#values, samplePlanes(picture, toSource, widthPx, heightPx, fill), this.input)
    return this.#runOnValues()
  }

  async #runOnValues(): Promise<Record<string, Output>> {
    throwIfStopped()
    const outputs = await this.#session.run({ [this.#session.inputNames[0]]: this.#tensor })
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [
        name,
        { data: tensor.data as Float32Array, dims: tensor.dims },
      ]),
    )
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

export interface Output {
  data: Float32Array
  dims: readonly number[]
}

const CHANNEL_ORDER = { rgb: [0, 1, 2], bgr: [2, 1, 0] } as const

/** Planes of 0..255 -> the network's normalised planes (NCHW). */
function fillPlanes(planes: Float32Array, data: Float32Array, input: ModelInput): void {
  const size = data.length / 3
  const mean = Array.isArray(input.mean) ? input.mean : [input.mean, input.mean, input.mean]
  const scale = Array.isArray(input.scale) ? input.scale : [input.scale, input.scale, input.scale]
  if (input.channels === 'grey') {
    for (let pixel = 0; pixel < size; pixel++) {
      const grey = LUMA[0] * data[pixel] + LUMA[1] * data[pixel + size] + LUMA[2] * data[pixel + 2 * size]
      planes[pixel] = (grey - mean[0]) / scale[0]
    }
    return
  }
  const order = CHANNEL_ORDER[input.channels]
  for (let plane = 0; plane < 3; plane++) {
    const to = plane * size
    const from = order[plane] * size
    const factor = 1 / scale[plane]
    const shift = mean[plane]
    normalise(data.subarray(from, from + size), shift, factor, planes.subarray(to, to + size))
  }
}
