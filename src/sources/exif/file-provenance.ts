/** Longest text that is kept of one field. */
const MAX_TEXT = 1000
/** Fields kept of one block. */
const MAX_FIELDS = 40
/** Zones are whole quarters of an hour, between -12:00 and +14:00. */
const QUARTER_MINUTES = 15
const MAX_OFFSET_MINUTES = 14 * 60
/** A fix of GPS may be some minutes old when the picture is taken; farther off, it says nothing of the zone. */
const MAX_DRIFT_MINUTES = 5

/**
 * `valid`: signature and hashes hold; whose the certificate is, is not checked. `invalid`: they do not. `present`: there
 * is one, and it could not be checked here. `absent`: there is none.
 */
export type ManifestState = 'valid' | 'invalid' | 'present' | 'absent'

/** Content Credentials (C2PA) of a file. */
export interface ManifestFacts {
  state: ManifestState
  title?: string
  /** Software that wrote the manifest. */
  generator?: string
  /** Subject of the certificate that signed it. */
  signer?: string
  signedAt?: string
  /** What was done with the picture, as codes of C2PA. */
  actions?: string[]
  problems?: string[]
}

/** When a picture was taken, as far as its file says. */
export interface FileTime {
  /** YYYY-MM-DDTHH:MM:SS of the camera's clock. */
  original?: string
  /** As the camera wrote it: `+02:00`. Many cameras keep the zone of the place where they were set. */
  offset?: string
  /** UTC, by GPS. */
  gps?: string
  /** The zone that follows from the clock and GPS. */
  offsetByGps?: string
  /** Whether the zone is written, follows from GPS, differs between the two, or is not known. */
  zone: 'written' | 'by_gps' | 'differs' | 'unknown'
  digitised?: string
  modified?: string
}

/** What a media file says of itself; nothing of it was observed, and nothing of it is the importer's claim. */
export interface FileProvenance {
  time?: FileTime
  /** As people write it, degrees of WGS 84. */
  place?: string
  altitudeM?: number
  directionDegrees?: number
  exif?: Record<string, string>
  xmp?: Record<string, string>
  iptc?: Record<string, string>
  manifest?: ManifestFacts
}

type Tags = Record<string, unknown>

const EXIF_FIELDS = [
  'Software',
  'Artist',
  'Copyright',
  'ImageDescription',
  'HostComputer',
  'BodySerialNumber',
  'SerialNumber',
  'LensModel',
  'ImageUniqueID',
  'UserComment',
]

/** @param tags blocks as `exifr` gives them, values not interpreted */
export function fileProvenance(tags: { exif: Tags; gps: Tags; xmp: Tags; iptc: Tags }): FileProvenance {
  const { exif, gps, xmp, iptc } = tags
  const time = fileTime(exif, gps)
  const place = placeText(gps['latitude'], gps['longitude'])
  const altitude = numberOf(gps['GPSAltitude'])
  const direction = numberOf(gps['GPSImgDirection'])
  const below =
    gps['GPSAltitudeRef'] === 1 ||
    (gps['GPSAltitudeRef'] instanceof Uint8Array && gps['GPSAltitudeRef'][0] === 1)
  const exifTexts = texts(
    Object.fromEntries(EXIF_FIELDS.flatMap((name) => (name in exif ? [[name, exif[name]]] : []))),
  )
  const xmpTexts = texts(xmp)
  const iptcTexts = texts(iptc)
  return {
    ...(time === undefined ? {} : { time }),
    ...(place === undefined ? {} : { place }),
    ...(altitude === undefined ? {} : { altitudeM: below ? -altitude : altitude }),
    ...(direction === undefined || direction > 360 ? {} : { directionDegrees: direction }),
    ...(exifTexts === undefined ? {} : { exif: exifTexts }),
    ...(xmpTexts === undefined ? {} : { xmp: xmpTexts }),
    ...(iptcTexts === undefined ? {} : { iptc: iptcTexts }),
  }
}

/** [Note: time zones of cameras] EXIF's clock has no zone unless OffsetTimeOriginal (Exif 2.31) stands beside it; GPS is UTC. */
function fileTime(exif: Tags, gps: Tags): FileTime | undefined {
  const original = clockOf(exif['DateTimeOriginal'])
  const offset = offsetOf(exif['OffsetTimeOriginal'] ?? exif['OffsetTime'])
  const byGps = gpsTime(gps['GPSDateStamp'], gps['GPSTimeStamp'])
  const digitised = clockOf(exif['CreateDate'] ?? exif['DateTimeDigitized'])
  const modified = clockOf(exif['ModifyDate'] ?? exif['DateTime'])
  if ([original, byGps, digitised, modified].every((time) => time === undefined)) return undefined
  const offsetByGps =
    original === undefined || byGps === undefined ? undefined : offsetBetween(original, byGps)
  const zone =
    offset !== undefined && offsetByGps !== undefined && offset !== offsetByGps
      ? 'differs'
      : offset !== undefined
        ? 'written'
        : offsetByGps !== undefined
          ? 'by_gps'
          : 'unknown'
  return {
    ...(original === undefined ? {} : { original }),
    ...(offset === undefined ? {} : { offset }),
    ...(byGps === undefined ? {} : { gps: byGps }),
    ...(offsetByGps === undefined ? {} : { offsetByGps }),
    zone,
    ...(digitised === undefined || digitised === original ? {} : { digitised }),
    ...(modified === undefined || modified === original ? {} : { modified }),
  }
}

/** EXIF writes 'YYYY:MM:DD HH:MM:SS', and zeros or blanks when it does not know (Exif 2.32, 4.6.5). */
export function clockOf(value: unknown): string | undefined {
  const match = typeof value === 'string' ? /^(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}:\d{2})/.exec(value) : null
  if (match === null || match[1] === '0000') return undefined
  const text = `${match[1]}-${match[2]}-${match[3]}T${match[4]}`
  return Number.isNaN(Date.parse(`${text}Z`)) ? undefined : text
}

export function offsetOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[+-]\d{2}:\d{2}$/.test(value) ? value : undefined
}

function gpsTime(day: unknown, time: unknown): string | undefined {
  const date = typeof day === 'string' ? /^(\d{4})[:-](\d{2})[:-](\d{2})/.exec(day) : null
  const parts = Array.isArray(time)
    ? time.map(Number)
    : typeof time === 'string'
      ? time.split(':').map(Number)
      : []
  if (
    date === null ||
    date[1] === '0000' ||
    parts.length !== 3 ||
    !parts.every((part) => Number.isFinite(part) && part >= 0)
  )
    return undefined
  const [hours, minutes, seconds] = parts.map((part) => String(Math.floor(part)).padStart(2, '0'))
  const text = `${date[1]}-${date[2]}-${date[3]}T${hours}:${minutes}:${seconds}Z`
  return Number.isNaN(Date.parse(text)) ? undefined : text
}

function offsetBetween(local: string, utc: string): string | undefined {
  const minutes = (Date.parse(`${local}Z`) - Date.parse(utc)) / 60_000
  const rounded = Math.round(minutes / QUARTER_MINUTES) * QUARTER_MINUTES
  if (Math.abs(minutes - rounded) > MAX_DRIFT_MINUTES || Math.abs(rounded) > MAX_OFFSET_MINUTES)
    return undefined
  const [hours, rest] = [Math.floor(Math.abs(rounded) / 60), Math.abs(rounded) % 60]
  return `${rounded < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}

/** Degrees as text: never a map, which would ask somebody else for a picture of the place. */
function placeText(latitude: unknown, longitude: unknown): string | undefined {
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined
  const [north, east] = [latitude < 0 ? 'S' : 'N', longitude < 0 ? 'W' : 'E']
  return `${Math.abs(latitude).toFixed(6)}° ${north}, ${Math.abs(longitude).toFixed(6)}° ${east}`
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 100) / 100 : undefined
}

/** A block's fields as text, deeper ones by their path; undefined when there is none. */
function texts(block: Tags): Record<string, string> | undefined {
  const found: [string, string][] = []
  const walk = (value: unknown, path: string, depth: number): void => {
    if (found.length >= MAX_FIELDS || value === null || value === undefined || depth > 4) return
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      const text = String(value).replaceAll('\0', '').toWellFormed().trim().slice(0, MAX_TEXT)
      if (text !== '') found.push([path, text])
    } else if (value instanceof Date) found.push([path, value.toISOString()])
    else if (value instanceof Uint8Array) return
    else if (Array.isArray(value))
      for (const [at, one] of value.slice(0, 10).entries())
        walk(one, value.length === 1 ? path : `${path}[${at + 1}]`, depth + 1)
    else if (typeof value === 'object')
      for (const [key, one] of Object.entries(value))
        walk(one, path === '' ? key : `${path}.${key}`, depth + 1)
  }
  walk(block, '', 0)
  return found.length === 0 ? undefined : Object.fromEntries(found)
}
