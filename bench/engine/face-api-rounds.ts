import { createRequire } from 'node:module'
import path from 'node:path'
import sharp from 'sharp'
import { peakMemoryMegabytes, type RoundResult, secondsSince } from './measure.ts'

/** The same for face-api on TensorFlow's WASM backend, as its users run it: one process, detector, landmarks, descriptor. */
interface FaceApi {
  nets: Record<
    'ssdMobilenetv1' | 'faceLandmark68Net' | 'faceRecognitionNet',
    { loadFromDisk(folder: string): Promise<void> }
  >
  SsdMobilenetv1Options: new (options: { minConfidence: number }) => object
  detectAllFaces(
    pixels: object,
    options: object,
  ): { withFaceLandmarks(): { withFaceDescriptors(): Promise<unknown[]> } }
}
interface Tensors {
  setBackend(name: string): Promise<boolean>
  ready(): Promise<void>
  tensor3d(data: Uint8Array, shape: number[], type: string): { dispose(): void }
}

const require = createRequire(import.meta.url)
const tf = require('@tensorflow/tfjs') as Tensors
const wasm = require('@tensorflow/tfjs-backend-wasm') as { setWasmPaths(folder: string): void }
wasm.setWasmPaths(`${path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`)
const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js') as FaceApi
await tf.setBackend('wasm')
await tf.ready()
const models = path.join(path.dirname(require.resolve('@vladmandic/face-api/package.json')), 'model')
await faceapi.nets.ssdMobilenetv1.loadFromDisk(models)
await faceapi.nets.faceLandmark68Net.loadFromDisk(models)
await faceapi.nets.faceRecognitionNet.loadFromDisk(models)
const options = new faceapi.SsdMobilenetv1Options({ minConfidence: 0.5 })

async function countFaces(photo: string): Promise<number> {
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const pixels = tf.tensor3d(data, [info.height, info.width, 3], 'int32')
  const faces = await faceapi.detectAllFaces(pixels, options).withFaceLandmarks().withFaceDescriptors()
  pixels.dispose()
  return faces.length
}

const [passes, ...photos] = process.argv.slice(2)
for (const photo of photos) await countFaces(photo)
const started = performance.now()
let faces = 0
for (let pass = 0; pass < Number(passes); pass++) for (const photo of photos) faces += await countFaces(photo)
const seconds = secondsSince(started)
const result: RoundResult = {
  photos: Number(passes) * photos.length,
  faces,
  seconds,
  peakMegabytes: peakMemoryMegabytes(),
}
process.stdout.write(JSON.stringify(result))
