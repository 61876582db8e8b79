import sharp from 'sharp'
import { expect, test } from 'vitest'
import { openPhoto } from './open-photo.ts'

test('a WebP above the limit of formats that are decoded whole is refused', async () => {
  const create = { width: 12_000, height: 9000, channels: 3 as const, background: '#123' }
  const opening = await openPhoto(await sharp({ create }).webp({ effort: 0 }).toBuffer(), 'standard')
  expect(opening).toMatchObject({ outcome: 'unreadable', reason: 'too_many_pixels' })
})

test('a decompression bomb: a small file of many pixels costs little memory', async () => {
  const bomb = await sharp({ create: { width: 16_000, height: 16_000, channels: 3, background: '#000' } })
    .png({ compressionLevel: 9 })
    .toBuffer()
  expect(bomb.length).toBeLessThan(4_000_000)
  const before = process.memoryUsage().rss
  expect(await openPhoto(bomb, 'standard')).toMatchObject({ outcome: 'open' })
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024)
})
