import { AppError, reasonOf } from '../../errors.ts'
import { ARCFACE_SIDE_PX } from '../align/align-face.ts'
import { LANDMARKS } from '../landmark/landmarks.ts'
import type { Model, Output } from '../model.ts'
import type { LoadedEmbedder, LoadedPack } from './loaded-pack.ts'

/** Numbers that each network must give; see head-pose.ts and eyes-open.ts for what they mean. */
const LANDMARK_NUMBERS = LANDMARKS * 2
const POSE_BINS = 66
const EYE_NUMBERS = 2

/**
 * Runs every network of a pack once on a grey picture and checks that its outputs are what its architecture promises,
 * so that a wrong manifest is refused when the pack is loaded and not with the first photo.
 * @throws AppError `models_refused` naming the network and what it should have given
 */
export async function checkNetworks(pack: LoadedPack): Promise<void> {
  await checkDetector(pack)
  for (const embedder of [pack.embedder, ...pack.furtherEmbedders]) await checkEmbedder(embedder)
  if (pack.landmarks !== undefined) await expectNumbers('landmarks', pack.landmarks, [LANDMARK_NUMBERS])
  if (pack.pose !== undefined) await expectNumbers('pose', pack.pose, [POSE_BINS, POSE_BINS])
  if (pack.eyes !== undefined) await expectNumbers('eyes', pack.eyes, [EYE_NUMBERS])
}

async function checkEmbedder({ model, templateLength }: LoadedEmbedder): Promise<void> {
  const { input } = model
  if (input.widthPx !== ARCFACE_SIDE_PX || input.heightPx !== ARCFACE_SIDE_PX || input.channels === 'grey')
    refuse(
      'embedder',
      `its input must be ${ARCFACE_SIDE_PX}x${ARCFACE_SIDE_PX} in colour, not ${input.widthPx}x${input.heightPx} ${input.channels}`,
    )
  await expectNumbers('embedder', model, [templateLength])
}

async function checkDetector({ detector, landmarks }: LoadedPack): Promise<void> {
  const outputs = await runOnGrey('detector', detector.model)
  let found
  try {
    found = detector.decode(outputs, detector.model.input, 0)
  } catch (error) {
    refuse('detector', reasonOf(error), error)
  }
  if (landmarks === undefined && found.some(({ points }) => points === undefined))
    refuse('detector', 'it gives no five points, and the pack has no network for landmarks')
}

async function expectNumbers(role: string, model: Model, lengths: readonly number[]): Promise<void> {
  if (role !== 'embedder' && model.input.widthPx !== model.input.heightPx)
    refuse(role, `its input must be square, not ${model.input.widthPx}x${model.input.heightPx}`)
  const outputs = await runOnGrey(role, model)
  for (const [index, expected] of lengths.entries()) {
    const received = outputs[model.outputNames[index]]?.data.length ?? 0
    if (received !== expected)
      refuse(role, `output ${index + 1} must have ${expected} numbers, it has ${received}`)
  }
}

async function runOnGrey(role: string, model: Model): Promise<Record<string, Output>> {
  const { widthPx: width, heightPx: height } = model.input
  try {
    const outputs = await model.run({
      data: new Float32Array(width * height * 3).fill(GREY),
      width,
      height,
    })
    for (const [name, { data }] of Object.entries(outputs)) {
      if (!((data as unknown) instanceof Float32Array))
        throw new TypeError(`output "${name}" is not of 32-bit floats`)
    }
    return outputs
  } catch (error) {
    return refuse(role, reasonOf(error), error)
  }
}

const GREY = 127

function refuse(role: string, why: string, cause?: unknown): never {
  throw new AppError('models_refused', `The pack's ${role} network cannot be used: ${why}.`, { cause })
}
