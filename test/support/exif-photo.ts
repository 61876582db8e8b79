import sharp from 'sharp'

/** What a camera writes of time, place and itself. */
export const OF_A_CAMERA = {
  IFD0: { Make: 'Maker', Model: 'M1' },
  IFD2: { DateTimeOriginal: '2022:03:05 10:11:12', OffsetTimeOriginal: '+02:00' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '50/1 33/1 0/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '30/1 12/1 0/1',
  },
}

/** A JPEG of one colour with EXIF. @param size in pixels */
export function photoWith(
  exif: Record<string, Record<string, string>>,
  size: { width: number; height: number } = { width: 40, height: 30 },
): Promise<Buffer> {
  return sharp({ create: { ...size, channels: 3, background: 'teal' } })
    .withExif(exif)
    .jpeg()
    .toBuffer()
}
