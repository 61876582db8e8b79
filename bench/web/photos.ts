import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import { portrait } from '../../scripts/sample-photos.ts'

const PORTRAITS = [
  'audrey.jpg',
  'cage.jpg',
  'SeanConnery.jpg',
  'clmtrackr01.jpg',
  'franck_02045.jpg',
  'franck_04000.jpg',
]
/** 24 megapixels. */
const LARGE = { width: 6000, height: 4000 }
/** 1 megapixel. */
const PROBE = { width: 1155, height: 866 }

/** As many different photos with a face each, made from the sample portraits by turning and lighting them. */
export async function makePhotos(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let number = 0; number < count; number++) {
    const source = portrait(PORTRAITS[number % PORTRAITS.length])
    // Periods without a common divisor: no two photos are the same.
    const turn = ((number * 7) % 41) / 2 - 10
    await sharp(source)
      .rotate(turn, { background: '#808080' })
      .modulate({ brightness: 0.8 + (number % 25) * 0.02 })
      .resize(480, 480, { fit: 'inside' })
      .jpeg({ quality: 85 })
      .toFile(path.join(folder, `photo-${String(number).padStart(4, '0')}.jpg`))
  }
}

/** A photo of 24 megapixels with one large face. */
export async function makeLargePhoto(file: string, name: string): Promise<void> {
  await sharp(portrait(name))
    .resize({ ...LARGE, fit: 'contain', background: '#6b7278' })
    .jpeg({ quality: 90 })
    .toFile(file)
}

/** A photo of 1 megapixel with one face. */
export function makeProbe(): Promise<Buffer> {
  return sharp(portrait('audrey.jpg'))
    .resize({ ...PROBE, fit: 'contain', background: '#6b7278' })
    .jpeg({ quality: 90 })
    .toBuffer()
}
