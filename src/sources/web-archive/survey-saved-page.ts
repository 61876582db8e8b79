import { existsSync } from 'node:fs'
import path from 'node:path'
import { unsafePath } from '../safe-path.ts'
import { ArchiveFault, type Capture, type Place } from './capture.ts'
import { type SurveyedItem } from './surveyed-item.ts'
import { absolute, htmlLinks } from './page-links.ts'
import { textOf } from './record-content.ts'
import type { MhtmlSurvey } from './survey-mhtml.ts'
import { canonical, kept } from './survey-warc.ts'

/** Pictures that are written inside the page itself. */
const MAX_INLINE_PICTURES = 20_000
/** Shorter ones are icons and dots. */
const MIN_INLINE_CHARACTERS = 400
/** Stands for the folder of the page while links are resolved. */
const HERE = 'file:///page/'

/**
 * A page saved as HTML: its pictures stand in the folder beside it (as browsers save pages), or inside it as data
 * addresses (as SingleFile does). Files that are not there are not named: a saved page names thousands that never were.
 * @param file where it stands; undefined when it was sent alone
 * @throws ArchiveFault
 */
export function surveySavedPage(
  bytes: Buffer,
  name: string,
  file: string | undefined,
  sha256: string,
): MhtmlSurvey {
  const html = textOf(bytes, undefined)
  const own = path.posix.basename(name)
  const links = htmlLinks(html, `${HERE}${encodeURIComponent(own)}`)
  const saved = savedFrom(html)
  const page = {
    url: saved.url ?? own,
    ...(links.title === undefined || links.title === '' ? {} : { title: kept(links.title) }),
    how: 'html' as const,
  }
  const base: Omit<Capture, 'place'> = {
    tool: 'saved_page',
    archive: sha256,
    ...(saved.at === undefined ? {} : { capturedAt: saved.at }),
    pages: [page],
    digest: { verdict: 'absent' },
  }
  const items: SurveyedItem[] = []
  for (const link of new Set(links.media)) {
    if (!link.startsWith(HERE)) continue
    const below = decodePath(link.slice(HERE.length).split('?')[0])
    if (below === undefined || unsafePath(below) !== undefined || file === undefined) continue
    if (!existsSync(path.join(path.dirname(file), below))) continue
    items.push({
      name: below,
      claims: claimsOf(saved.url, { ...base, resourceUrl: below }),
      refusal: undefined,
    })
  }
  items.push(
    ...inlinePictures(bytes).map((place, at): SurveyedItem => ({
      name: `picture ${at + 1} in ${own}`,
      claims: claimsOf(saved.url, { ...base, place }),
      refusal: undefined,
    })),
  )
  return { items, records: [], pages: 1, parts: items.length, problems: [], software: saved.software }
}

function claimsOf(url: string | undefined, capture: Capture): SurveyedItem['claims'] {
  return { ...(url === undefined ? {} : { source_url: url }), capture }
}

/** What the program that saved the page wrote into it of where and when. */
function savedFrom(html: string): {
  url: string | undefined
  at: string | undefined
  software: string | undefined
} {
  const head = html.slice(0, 20_000)
  const browser = /<!--\s*saved from url=\(\d+\)(\S{1,4000})\s*-->/i.exec(head)?.[1]
  const single = /SingleFile[\s\S]{0,200}?url:\s*(\S{1,4000})/i.exec(head)?.[1]
  const date = /saved date:\s*([^\n]{1,100}?)\s*(?:\(|\n|-->)/i.exec(head)?.[1]
  const time = Date.parse(date ?? '')
  const linked = /<link[^>]+rel=["']?canonical["']?[^>]*href=["']([^"']{1,4000})["']/i.exec(head)?.[1]
  const url = canonical(browser ?? single ?? linked ?? '')
  return {
    url: url !== undefined && absolute(url, url) !== undefined ? url : undefined,
    at: Number.isNaN(time) ? undefined : new Date(time).toISOString(),
    software: single === undefined ? undefined : 'SingleFile',
  }
}

/** Places of pictures that the page holds itself, base64. */
function inlinePictures(bytes: Buffer): Place[] {
  const places: Place[] = []
  const mark = Buffer.from('data:image/', 'latin1')
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    const comma = bytes.indexOf(0x2c, at)
    if (comma < 0 || comma - at > 100) continue
    const head = bytes.toString('latin1', at + mark.byteLength, comma)
    if (!/;base64$/i.test(head) || /^svg/i.test(head)) continue
    let end = comma + 1
    while (end < bytes.byteLength && isBase64(bytes[end])) end++
    const length = end - comma - 1
    if (length < MIN_INLINE_CHARACTERS) continue
    places.push({ at: comma + 1, length, encoding: 'base64' })
    if (places.length > MAX_INLINE_PICTURES)
      throw new ArchiveFault('too_many_entries', `the page holds more than ${MAX_INLINE_PICTURES} pictures`)
    at = end - 1
  }
  return places
}

function isBase64(byte: number): boolean {
  return (
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2f ||
    byte === 0x3d
  )
}

function decodePath(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
