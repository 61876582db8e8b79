import type { DecodeDetections } from './loaded-pack.ts'
import type { LoadedEmbedder, LoadedPack } from './loaded-pack.ts'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError, reasonOf } from '../../errors.ts'
import { decodeScrfd } from '../detect/decode-scrfd.ts'
import { decodeUltraface } from '../detect/decode-ultraface.ts'
import { decodeYunet } from '../detect/decode-yunet.ts'
import { Model } from '../model.ts'
import { checkNetworks } from './check-networks.ts'
import type { ModelFile, ModelInput, PackManifest } from './manifest.ts'

const DECODERS: Record<PackManifest['detector']['architecture'], DecodeDetections> = {
  ultraface: decodeUltraface,
  scrfd: decodeScrfd,
  yunet: decodeYunet,
}

/**
 * Loads a pack's networks from its folder. Every file's SHA-256 is checked on the bytes that are loaded, and every
 * network is run once to see that its outputs fit its architecture.
 * @throws AppError `models_refused` when a file is missing, its hash differs, it is not a network that the runtime can
 * run, or its outputs do not fit
 */
export async function loadPack(folder: string, manifest: PackManifest): Promise<LoadedPack> {
  const load = async (
    model: { file: ModelFile; input: ModelInput } | undefined,
  ): Promise<Model | undefined> =>
    model === undefined ? undefined : loadModel(folder, model.file, model.input)
  const { detector, embedder, furtherEmbedders } = manifest
  const pack: LoadedPack = {
    id: manifest.id,
    detector: {
      model: await loadModel(folder, detector.file, detector.input),
      decode: DECODERS[detector.architecture],
      minScore: detector.minScore,
    },
    landmarks: await load(manifest.landmarks),
    pose: await load(manifest.pose),
    eyes: await load(manifest.eyes),
    embedder: { ...(await loadEmbedder(folder, embedder)), norm: embedder.norm },
    furtherEmbedders: [],
  }
  for (const further of furtherEmbedders) pack.furtherEmbedders.push(await loadEmbedder(folder, further))
  await checkNetworks(pack)
  return pack
}

/** Gives back the memory of a pack's networks. */
export async function releasePack(pack: LoadedPack): Promise<void> {
  const { detector, landmarks, pose, eyes, embedder, furtherEmbedders } = pack
  const embedders = [embedder, ...furtherEmbedders].map(({ model }) => model)
  for (const model of [detector.model, landmarks, pose, eyes, ...embedders]) await model?.release()
}

async function loadEmbedder(
  folder: string,
  { file, input, templateLength, shortened, mirror, weight }: PackManifest['furtherEmbedders'][number],
): Promise<LoadedEmbedder> {
  const model = await loadModel(folder, file, input, shortened ? templateLength : undefined)
  return { model, templateLength, mirror, weight }
}

async function loadModel(
  folder: string,
  file: ModelFile,
  input: ModelInput,
  outputs?: number,
): Promise<Model> {
  const bytes = await readFile(path.join(folder, file.path)).catch((error: unknown) => {
    throw new AppError(
      'models_refused',
      `${path.join(folder, file.path)} cannot be read: ${reasonOf(error)}.`,
      { cause: error },
    )
  })
  checkModelFile(file, bytes)
  try {
    return await Model.load(bytes, input, outputs)
  } catch (error) {
    throw new AppError('models_refused', `${file.path} cannot be run: ${reasonOf(error)}`, { cause: error })
  }
}

/** @throws AppError `models_refused` when the bytes are not the ones that the manifest names */
export function checkModelFile(file: ModelFile, bytes: Uint8Array): void {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 === file.sha256) return
  throw new AppError(
    'models_refused',
    `${file.path} is not the file that the manifest names: expected SHA-256 ${file.sha256}, received ${sha256}. It was not used.`,
  )
}
