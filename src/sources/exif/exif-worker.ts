import { parentPort } from 'node:worker_threads'
import exifr from 'exifr'
import { clockOf, fileProvenance, offsetOf, type FileProvenance } from './file-provenance.ts'

/** What EXIF says; times as the camera wrote them. */
export interface ExifFacts {
  /** YYYY-MM-DDTHH:MM:SS of the camera's clock, with the zone when the camera wrote one. */
  capturedAt: string | undefined
  latitude: number | undefined
  longitude: number | undefined
  /** Maker and model. */
  device: string | undefined
  /** Everything else that it says of itself; undefined when nothing. */
  provenance?: FileProvenance | undefined
}

export interface ExifRequest {
  bytes: Uint8Array<ArrayBuffer>
  /** The bytes are the whole file, and may hold a C2PA manifest. */
  wantsManifest: boolean
  /** The file's metadata, where they were taken out of it and `bytes` is the file. */
  carrier: Uint8Array<ArrayBuffer> | undefined
}

export interface ExifReply {
  facts: ExifFacts
}

const MAX_DEVICE_LENGTH = 200
const NOTHING: ExifFacts = {
  capturedAt: undefined,
  latitude: undefined,
  longitude: undefined,
  device: undefined,
  provenance: undefined,
}

async function readFacts({ bytes, wantsManifest, carrier }: ExifRequest): Promise<ExifFacts> {
  // Its libraries are large, and hardly any picture needs them.
  const manifest = wantsManifest ? await (await import('./read-manifest.ts')).readManifest(bytes) : undefined
  const own = await readTags(carrier ?? bytes).catch(() => NOTHING)
  if (manifest === undefined || manifest.state === 'absent') return own
  return { ...own, provenance: { ...own.provenance, manifest } }
}

async function readTags(bytes: Uint8Array<ArrayBuffer>): Promise<ExifFacts> {
  const blocks: unknown = await exifr.parse(bytes, {
    tiff: true,
    ifd0: true as never,
    exif: true,
    gps: true,
    xmp: true,
    iptc: true,
    icc: false,
    mergeOutput: false,
    reviveValues: false,
    sanitize: true,
  })
  if (typeof blocks !== 'object' || blocks === null) return NOTHING
  const { ifd0, exif, xmp, iptc, ...rest } = blocks as Record<string, Record<string, unknown> | undefined>
  const gps = hasFix(rest['gps']) ? rest['gps'] : undefined
  const tags = { ...ifd0, ...exif }
  const { Make, Model } = tags
  const device = [Make, Model]
    .filter((part) => typeof part === 'string')
    .map((part) => part.replaceAll('\0', '').trim())
    .filter((part) => part !== '')
    .join(' ')
  const latitude = gps?.['latitude']
  const longitude = gps?.['longitude']
  const placed = isDegrees(latitude, 90) && isDegrees(longitude, 180)
  const others = Object.fromEntries(
    Object.entries(blocks as Record<string, unknown>).filter(
      ([name]) =>
        !['ifd0', 'ifd1', 'exif', 'gps', 'iptc', 'xmp', 'thumbnail', 'interop', 'errors'].includes(name),
    ),
  )
  const provenance = fileProvenance({
    exif: tags,
    gps: gps ?? {},
    xmp: { ...xmp, ...others },
    iptc: iptc ?? {},
  })
  const clock = clockOf(tags['DateTimeOriginal'])
  return {
    capturedAt: clock === undefined ? undefined : `${clock}${offsetOf(tags['OffsetTimeOriginal']) ?? ''}`,
    latitude: placed ? latitude : undefined,
    longitude: placed ? longitude : undefined,
    device: device === '' ? undefined : device.slice(0, MAX_DEVICE_LENGTH),
    provenance: Object.keys(provenance).length === 0 ? undefined : provenance,
  }
}

/**
 * Whether GPS had a place: devices without one write zeros, nothing over nothing, or the status void (Exif 2.32, GPSStatus).
 * Nobody is photographed at 0° N, 0° E, in the Gulf of Guinea.
 */
function hasFix(gps: Record<string, unknown> | undefined): boolean {
  if (gps === undefined || gps['GPSStatus'] === 'V') return false
  const [latitude, longitude] = [gps['latitude'], gps['longitude']]
  if (latitude === undefined && longitude === undefined) return true
  if (!isDegrees(latitude, 90) || !isDegrees(longitude, 180)) return false
  return latitude !== 0 || longitude !== 0
}

function isDegrees(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= limit
}

parentPort?.on('message', (request: ExifRequest) => {
  void readFacts(request)
    .catch(() => NOTHING)
    .then((facts) => parentPort?.postMessage({ facts } satisfies ExifReply))
})
