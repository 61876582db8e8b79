import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../src/errors.ts'
import { createEngine } from '../src/engine/create-engine.ts'
import { addPack, findPack } from '../src/engine/pack/find-pack.ts'
import { loadPack, releasePack } from '../src/engine/pack/load-pack.ts'
import { readPhoto } from '../src/engine/read-photo.ts'
import type { Face, PhotoReading } from '../src/engine/types.ts'
import { INT64, onnxFile, onnxNode } from './support/onnx-graphs.ts'
import {
  DETECTOR_SIDE_PX,
  detectorNetwork,
  type MadeUpFace,
  meansEmbedder,
  scrfdOutputs,
  TEMPLATE_LENGTH,
  writePack,
  yunetOutputs,
} from './support/made-up-packs.ts'

// Packs made of networks that answer every picture alike, added and run as an operator would.

/** Near the middle of the input, where verification looks at a candidate again. */
const FACE: MadeUpFace = {
  x1: 112,
  y1: 100,
  x2: 208,
  y2: 220,
  points: [
    [140, 148],
    [182, 150],
    [161, 172],
    [144, 194],
    [180, 195],
  ],
}
const PICTURE_SIDE_PX = 640
/** The picture is this much larger than the detector's input. */
const SCALE = PICTURE_SIDE_PX / DETECTOR_SIDE_PX

let root = ''
let photo: Uint8Array
const previousCache = process.env['LIKENESS_CACHE']

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'likeness-packs-'))
  process.env['LIKENESS_CACHE'] = path.join(root, 'cache')
  // Lighter to the right and below, so that a picture and its mirror image differ.
  const pixels = new Uint8Array(PICTURE_SIDE_PX * PICTURE_SIDE_PX * 3)
  for (let pixel = 0; pixel < PICTURE_SIDE_PX * PICTURE_SIDE_PX; pixel++) {
    const x = pixel % PICTURE_SIDE_PX
    const y = Math.floor(pixel / PICTURE_SIDE_PX)
    pixels.set([(x * 255) / PICTURE_SIDE_PX, (y * 255) / PICTURE_SIDE_PX, 200], pixel * 3)
  }
  const raw = { width: PICTURE_SIDE_PX, height: PICTURE_SIDE_PX, channels: 3 as const }
  photo = await sharp(pixels, { raw }).png().toBuffer()
})

afterAll(async () => {
  if (previousCache === undefined) delete process.env['LIKENESS_CACHE']
  else process.env['LIKENESS_CACHE'] = previousCache
  await rm(root, { recursive: true, force: true })
})

async function readWithEngine(id: string): Promise<{ face: Face; templateLength: number }> {
  const engine = await createEngine({ packId: id, workers: 1 })
  try {
    expect(engine.packId).toBe(id)
    return {
      face: onlyFace(await engine.readPhoto(photo, { mode: 'fast' })),
      templateLength: engine.templateLength,
    }
  } finally {
    await engine.close()
  }
}

/** The same without worker threads, which take a second to start. */
async function readHere(id: string): Promise<Face> {
  const { folder, manifest } = await findPack(id)
  const pack = await loadPack(folder, manifest)
  const reading = await readPhoto(pack, photo, 'fast')
  await releasePack(pack)
  return onlyFace(reading)
}

function onlyFace(reading: PhotoReading): Face {
  if (reading.outcome !== 'read') throw new Error(reading.detail)
  expect(reading.faces).toHaveLength(1)
  return reading.faces[0]
}

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AppError)
  return error as AppError
}

async function installed(): Promise<string[]> {
  return readdir(path.join(root, 'cache', 'models')).catch(() => [])
}

describe('packs of other architectures', () => {
  test.each([
    ['yunet', yunetOutputs(FACE, 32)],
    ['yunet', yunetOutputs(FACE, 8)],
    ['scrfd', scrfdOutputs(FACE, 32)],
    ['scrfd', scrfdOutputs(FACE, 16)],
  ] as const)('%s gives boxes and points in the photo (%#)', async (architecture, outputs) => {
    const id = `made-up-${architecture}`
    const folder = path.join(root, id)
    await writePack(folder, id, architecture, detectorNetwork(outputs))
    await addPack(folder)
    const face = await readHere(id)
    expect(face.template).toHaveLength(TEMPLATE_LENGTH)
    expect(Math.hypot(...face.template)).toBeCloseTo(1, 5)
    expect(face.landmarksPx).toBeUndefined()
    for (const [i, [x, y]] of FACE.points.entries()) {
      expect(face.fivePointsPx[i].x).toBeCloseTo(x * SCALE, 2)
      expect(face.fivePointsPx[i].y).toBeCloseTo(y * SCALE, 2)
    }
    expect(face.detectionScore).toBeCloseTo(0.9, 3)
    const middle = [face.boxPx.x + face.boxPx.width / 2, face.boxPx.y + face.boxPx.height / 2]
    expect(middle[0] / SCALE).toBeGreaterThan(150)
    expect(middle[0] / SCALE).toBeLessThan(170)
    expect(middle[1] / SCALE).toBeGreaterThan(155)
    expect(middle[1] / SCALE).toBeLessThan(180)
  })

  test('templates come from the engine with the pack they were made with', async () => {
    const folder = path.join(root, 'in-engine')
    await writePack(folder, 'in-engine', 'yunet', detectorNetwork(yunetOutputs(FACE, 32)))
    await addPack(folder)
    const { face, templateLength } = await readWithEngine('in-engine')
    expect(templateLength).toBe(TEMPLATE_LENGTH)
    expect(face.template).toEqual((await readHere('in-engine')).template)
  })

  test.each([
    { mirror: true, growth: 0 },
    { mirror: false, growth: 0.13 },
  ])('the mirror image is added only if the manifest says so: $mirror', async ({ mirror, growth }) => {
    const id = `mirror-${mirror}`
    const folder = path.join(root, id)
    const detector = detectorNetwork(yunetOutputs(FACE, 32))
    await writePack(folder, id, 'yunet', detector, meansEmbedder(), { mirror })
    await addPack(folder)
    const { template } = await readHere(id)
    // A row of the first channel's 8 x 8 means: the picture grows lighter to the right, with its mirror image added it does not.
    expect(template[7] - template[0]).toBeCloseTo(growth, 2)
  })

  test('a pack that was changed after it was added is refused with a reason', async () => {
    const folder = path.join(root, 'changed')
    await writePack(folder, 'changed', 'yunet', detectorNetwork(yunetOutputs(FACE, 32)))
    const { folder: kept } = await addPack(folder)
    const file = path.join(kept, 'embedder.onnx')
    const bytes = await readFile(file)
    bytes[bytes.length - 1] ^= 1
    await writeFile(file, bytes)
    const changed = await refusal(createEngine({ packId: 'changed', workers: 1 }))
    expect(changed.code).toBe('models_refused')
    expect(changed.message).toContain('embedder.onnx is not the file that the manifest names')
    await rm(file)
    const missing = await refusal(createEngine({ packId: 'changed', workers: 1 }))
    expect(missing.code).toBe('models_refused')
    expect(missing.message).toContain('embedder.onnx cannot be read')
  })

  test.each(['no-such-pack', '../outside', ''])('an unknown id is not found: %j', async (packId) => {
    const error = await refusal(createEngine({ packId, workers: 1 }))
    expect(error.code).toBe('not_found')
  })
})

describe('addPack refuses and keeps nothing', () => {
  const good = detectorNetwork(yunetOutputs(FACE, 32))
  const cases: [string, (folder: string) => Promise<unknown>, string, RegExp][] = [
    [
      'a file with another hash',
      async (folder) => {
        await writePack(folder, 'refused', 'yunet', good)
        await copyFile(path.join(folder, 'embedder.onnx'), path.join(folder, 'detector.onnx'))
      },
      'models_refused',
      /detector\.onnx is not the file that the manifest names: expected SHA-256/,
    ],
    [
      'a missing file',
      async (folder) => {
        await writePack(folder, 'refused', 'yunet', good)
        await rm(path.join(folder, 'embedder.onnx'))
      },
      'models_refused',
      /has no file embedder\.onnx/,
    ],
    [
      'bytes that are no network',
      async (folder) => writePack(folder, 'refused', 'yunet', new TextEncoder().encode('not a network')),
      'models_refused',
      /detector\.onnx cannot be run/,
    ],
    [
      'a YuNet network made for another input size',
      async (folder) =>
        writePack(
          folder,
          'refused',
          'yunet',
          detectorNetwork(yunetOutputs(FACE, 32, 2 * DETECTOR_SIDE_PX), DETECTOR_SIDE_PX),
        ),
      'models_refused',
      /detector network cannot be used: a YuNet network for 320x320 must have an output "cls_8" of 1x1600x1/,
    ],
    [
      'a network whose input has another shape',
      async (folder) =>
        writePack(folder, 'refused', 'yunet', detectorNetwork(yunetOutputs(FACE, 32), 2 * DETECTOR_SIDE_PX)),
      'models_refused',
      /detector network cannot be used: .*dimension/i,
    ],
    [
      'an SCRFD network under the name of YuNet',
      async (folder) => writePack(folder, 'refused', 'yunet', detectorNetwork(scrfdOutputs(FACE, 32))),
      'models_refused',
      /must have an output "cls_8"/,
    ],
    [
      'an SCRFD network with too few outputs',
      async (folder) =>
        writePack(folder, 'refused', 'scrfd', detectorNetwork(scrfdOutputs(FACE, 32).slice(1))),
      'models_refused',
      /an SCRFD network for 320x320 must give 3200 scores and boxes at stride 8/,
    ],
    [
      'a detector without points where no network reads landmarks',
      async (folder) => writePack(folder, 'refused', 'scrfd', detectorNetwork(scrfdOutputs(FACE, 32, false))),
      'models_refused',
      /gives no five points/,
    ],
    [
      'an embedder whose vector is shorter than the manifest says',
      async (folder) => writePack(folder, 'refused', 'yunet', good, meansEmbedder(), { templateLength: 512 }),
      'models_refused',
      /embedder network cannot be used: output 1 must have 512 numbers, it has 192/,
    ],
    [
      'an embedder with no numbers of 32 bits',
      async (folder) =>
        writePack(
          folder,
          'refused',
          'yunet',
          good,
          onnxFile({
            input: { name: 'face', dims: [1, 3, 112, 112] },
            nodes: [onnxNode('Shape', ['face'], 'shape')],
            constants: [],
            outputs: [{ name: 'shape', dims: [4], elemType: INT64 }],
          }),
        ),
      'models_refused',
      /embedder network cannot be used: output "shape" is not of 32-bit floats/,
    ],
    [
      'a manifest that is not JSON',
      async (folder) => {
        await writePack(folder, 'refused', 'yunet', good)
        await writeFile(path.join(folder, 'manifest.json'), '{')
      },
      'bad_input',
      /manifest\.json is not JSON/,
    ],
    [
      'a manifest whose file lies outside of the pack',
      async (folder) => {
        const manifest = await writePack(folder, 'refused', 'yunet', good)
        manifest.detector.file.path = '../detector.onnx'
        await writeFile(path.join(folder, 'manifest.json'), JSON.stringify(manifest))
      },
      'bad_input',
      /detector\.file\.path: expected a relative path/,
    ],
  ]
  test.each(cases)('%s', async (name, write, code, message) => {
    const folder = path.join(root, name.replaceAll(' ', '-'))
    await write(folder)
    const before = await installed()
    const error = await refusal(addPack(folder))
    expect(error.message).toMatch(message)
    expect(error.code).toBe(code)
    expect(await installed()).toEqual(before)
  })
})
