import { parentPort } from 'node:worker_threads'
import exifr from 'exifr'

/** What EXIF says; times as the camera wrote them. */
export interface ExifFacts {
  /** YYYY-MM-DDTHH:MM:SS of the camera's clock, with the zone when the camera wrote one. */
  capturedAt: string | undefined
  latitude: number | undefined
  longitude: number | undefined
  /** Maker and model. */
  device: string | undefined
}

export interface ExifRequest {
  number: number
  bytes: Uint8Array
}

export interface ExifReply {
  number: number
  facts: ExifFacts
}

const MAX_DEVICE_LENGTH = 200
const NOTHING: ExifFacts = {
  capturedAt: undefined,
  latitude: undefined,
  longitude: undefined,
  device: undefined,
}

async function readFacts(bytes: Uint8Array): Promise<ExifFacts> {
  const tags: unknown = await exifr.parse(bytes, {
    tiff: true,
    exif: true,
    gps: true,
    xmp: false,
    icc: false,
    iptc: false,
    reviveValues: false,
    pick: [
      'Make',
      'Model',
      'DateTimeOriginal',
      'OffsetTimeOriginal',
      'GPSLatitude',
      'GPSLongitude',
      'GPSLatitudeRef',
      'GPSLongitudeRef',
    ],
  })
  if (typeof tags !== 'object' || tags === null) return NOTHING
  const { DateTimeOriginal, OffsetTimeOriginal, Make, Model, latitude, longitude } = tags as Record<
    string,
    unknown
  >
  const device = [Make, Model]
    .filter((part) => typeof part === 'string')
    .map((part) => part.replaceAll('\0', '').trim())
    .filter((part) => part !== '')
    .join(' ')
  const placed = isDegrees(latitude, 90) && isDegrees(longitude, 180)
  return {
    capturedAt: timeOf(DateTimeOriginal, OffsetTimeOriginal),
    latitude: placed ? latitude : undefined,
    longitude: placed ? longitude : undefined,
    device: device === '' ? undefined : device.slice(0, MAX_DEVICE_LENGTH),
  }
}

function isDegrees(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= limit
}

/** EXIF writes 'YYYY:MM:DD HH:MM:SS', and zeros or blanks when it does not know (Exif 2.32, 4.6.5). */
function timeOf(value: unknown, offset: unknown): string | undefined {
  const match = typeof value === 'string' ? /^(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}:\d{2})/.exec(value) : null
  if (match === null || match[1] === '0000') return undefined
  const zone = typeof offset === 'string' && /^[+-]\d{2}:\d{2}$/.test(offset) ? offset : ''
  const text = `${match[1]}-${match[2]}-${match[3]}T${match[4]}${zone}`
  return Number.isNaN(Date.parse(text)) ? undefined : text
}

parentPort?.on('message', ({ number, bytes }: ExifRequest) => {
  void readFacts(bytes)
    .catch(() => NOTHING)
    .then((facts) => parentPort?.postMessage({ number, facts } satisfies ExifReply))
})
