import { writeFile } from 'node:fs/promises'
import sharp from 'sharp'

/** Any number: Chromium plays it in a circle. */
const FRAMES = 4
const SIZE = { width: 1280, height: 720 }

/**
 * Writes a video that shows one photo, for Chromium's fake camera: Motion JPEG is JPEGs one after another.
 * @param file must end in `.mjpeg`
 * @returns arguments for the browser
 */
export async function fakeCamera(photo: string, file: string): Promise<string[]> {
  const frame = await sharp(photo)
    .resize({ ...SIZE, fit: 'contain', background: '#6b7278' })
    // The reader of these videos knows neither progressive JPEGs nor other samplings.
    .jpeg({ quality: 92, progressive: false, chromaSubsampling: '4:2:0' })
    .toBuffer()
  await writeFile(file, Buffer.concat(Array.from({ length: FRAMES }, () => frame)))
  return [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${file}`,
  ]
}
