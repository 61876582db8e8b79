import path from 'node:path'
import sharp from 'sharp'
import { fetchSamplePhotos, groupPhoto, portrait } from '../../scripts/sample-photos.ts'

const ONE_MEGAPIXEL = 1_000_000

/** Group photos and portraits at about a megapixel, each a little different. */
export async function makePhotos(folder: string, count: number): Promise<void> {
  await fetchSamplePhotos(['groups', 'portraits'])
  const sources = [1, 2, 3, 4, 5, 6].map(groupPhoto).concat(['audrey.jpg', 'cage.jpg'].map(portrait))
  for (let index = 0; index < count; index++) {
    const source = sources[index % sources.length]
    const { width, height } = await sharp(source).metadata()
    await sharp(source)
      .resize(Math.round(width * Math.sqrt(ONE_MEGAPIXEL / (width * height))))
      .modulate({ brightness: 0.9 + (index / count) * 0.2 })
      .jpeg({ quality: 92 })
      .toFile(path.join(folder, `${index}.jpg`))
  }
}
