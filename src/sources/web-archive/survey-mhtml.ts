import { MAX_NAME_LENGTH } from '../limits.ts'
import { MAX_HEADER_LINE_BYTES, MAX_WHOLE_BYTES } from './archive-limits.ts'
import { ArchiveFault, type Capture, type IndexedRecord, type Place } from './capture.ts'
import { type SurveyedItem } from './surveyed-item.ts'
import { contentKind, mimeOf } from './content-kind.ts'
import { PageGraph } from './page-graph.ts'
import { cssLinks, htmlLinks } from './page-links.ts'
import { textOf } from './record-content.ts'
import { canonical, kept } from './survey-warc.ts'

/** Parts of one file. */
const MAX_PARTS = 20_000
/** Parts inside parts. */
const MAX_DEPTH = 3

/** A page with its pictures in one file, as Chrome, Hunchly and Internet Explorer save it (RFC 2557). */
export interface MhtmlSurvey {
  items: SurveyedItem[]
  records: IndexedRecord[]
  pages: number
  parts: number
  problems: string[]
  software: string | undefined
}

interface Part {
  headers: Map<string, string>
  at: number
  length: number
  bytes: Buffer
}

/** @param sha256 of the file @throws ArchiveFault */
export function surveyMhtml(file: Buffer, sha256: string): MhtmlSurvey {
  if (file.byteLength > MAX_WHOLE_BYTES)
    throw new ArchiveFault(
      'too_many_bytes',
      `it is larger than MAX_WHOLE_BYTES, ${MAX_WHOLE_BYTES / 1024 / 1024} MB`,
    )
  const top = headersOf(file, 0)
  const problems: string[] = []
  const parts = partsOf(file, 0, file.byteLength, 0, problems)
  const graph = new PageGraph()
  const address = canonical(top.headers.get('snapshot-content-location') ?? '') ?? ''
  const title = decodeWords(top.headers.get('subject') ?? '')
  const savedAt = isoOf(top.headers.get('date'))
  if (address !== '') graph.addListedPage(address, undefined, kept(title).slice(0, 500))
  const records: IndexedRecord[] = []
  const media: { capture: Omit<Capture, 'pages'>; name: string }[] = []
  for (const part of parts) {
    const location = part.headers.get('content-location')
    const id = part.headers.get('content-id')?.replace(/^<(.*)>$/, '$1')
    const url =
      location === undefined
        ? undefined
        : (canonical(location, address === '' ? undefined : address) ?? kept(location))
    const declared = part.headers.get('content-type')
    const kind = contentKind(part.bytes, declared)
    const place: Place = {
      at: part.at,
      length: part.length,
      encoding: (part.headers.get('content-transfer-encoding') ?? '').toLowerCase(),
    }
    const name = url ?? (id === undefined ? `part ${records.length + 1}` : `cid:${kept(id)}`)
    for (const one of new Set([name, ...(id === undefined ? [] : [`cid:${kept(id)}`])]))
      records.push({ url: one, capturedAt: savedAt ?? '', mime: mimeOf(part.bytes, declared), place })
    if (kind === 'html')
      graph.addHtml(
        name,
        withIds(htmlLinks(textOf(part.bytes, declared), url ?? address), textOf(part.bytes, declared)),
      )
    else if (kind === 'css') graph.addCss(name, cssLinks(textOf(part.bytes, declared), url ?? address))
    else if (kind === 'image' || kind === 'video') {
      media.push({
        name,
        capture: {
          tool: 'mhtml',
          archive: sha256,
          place,
          ...(id === undefined ? {} : { recordId: kept(id) }),
          resourceUrl: name,
          ...(savedAt === undefined ? {} : { capturedAt: savedAt }),
          headers: [...part.headers]
            .slice(0, 20)
            .map(([key, value]) => [kept(key), kept(value).slice(0, 2000)]),
          digest: { verdict: 'absent' },
        },
      })
    }
  }
  const items = media.map(({ capture, name }): SurveyedItem => {
    const found = graph.pagesOf(name, undefined)
    const pages =
      found.length > 0
        ? found
        : address === ''
          ? []
          : [{ url: address, ...(title === '' ? {} : { title: kept(title) }), how: 'html' as const }]
    const source_url = pages[0]?.url ?? name
    return {
      name: name.slice(0, MAX_NAME_LENGTH),
      claims: { source_url, capture: { ...capture, pages } },
      refusal: undefined,
    }
  })
  for (const detail of problems)
    items.push({
      name: '(rest of the file)',
      claims: undefined,
      refusal: { reason: 'damaged_archive', detail },
    })
  const software = /saved by ([\w .]+)/i.exec(top.headers.get('from') ?? '')?.[1]
  return { items, records, pages: address === '' ? 0 : 1, parts: parts.length, problems, software }
}

/** Bytes of one part as it was before it was packed. */
export function decodePart(packed: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(packed.toString('latin1'), 'base64')
  if (encoding !== 'quoted-printable') return packed
  const text = packed.toString('latin1').replaceAll(/[ \t]*=\r?\n/g, '')
  return Buffer.from(
    text.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}

function partsOf(file: Buffer, from: number, end: number, depth: number, problems: string[]): Part[] {
  const { headers, bodyAt } = headersOf(file, from)
  const type = headers.get('content-type') ?? ''
  const boundary = /boundary="?([^";\r\n]{1,200})"?/i.exec(type)?.[1]?.trim()
  if (!/^multipart\//i.test(type) || boundary === undefined) {
    const length = end - bodyAt
    const encoding = (headers.get('content-transfer-encoding') ?? '').trim().toLowerCase()
    return [{ headers, at: bodyAt, length, bytes: decodePart(file.subarray(bodyAt, end), encoding) }]
  }
  if (depth >= MAX_DEPTH) throw new ArchiveFault('damaged_archive', 'its parts are nested too deep')
  const parts: Part[] = []
  const mark = Buffer.from(`--${boundary}`, 'latin1')
  let at = lineStart(file, mark, bodyAt)
  let isClosed = false
  while (at >= 0 && at < end) {
    const afterMark = at + mark.byteLength
    if (file.toString('latin1', afterMark, afterMark + 2) === '--') {
      isClosed = true
      break
    }
    const partAt = file.indexOf(0x0a, afterMark) + 1
    const next = partAt === 0 ? -1 : lineStart(file, mark, partAt)
    if (next < 0 || next > end) {
      problems.push('The file ends inside a part; that part was not read.')
      break
    }
    const partEnd = file[next - 2] === 0x0d ? next - 2 : next - 1
    parts.push(...partsOf(file, partAt, Math.max(partAt, partEnd), depth + 1, problems))
    if (parts.length > MAX_PARTS)
      throw new ArchiveFault('too_many_entries', `it has more than ${MAX_PARTS} parts`)
    at = next
  }
  if (!isClosed && problems.length === 0) problems.push('The file does not end as it should.')
  return parts
}

/** Where a boundary begins a line, from an offset on; -1 when none does. */
function lineStart(file: Buffer, mark: Buffer, from: number): number {
  for (let at = file.indexOf(mark, from); at >= 0; at = file.indexOf(mark, at + 1)) {
    if (at === 0 || file[at - 1] === 0x0a) return at
  }
  return -1
}

function headersOf(file: Buffer, from: number): { headers: Map<string, string>; bodyAt: number } {
  const headers = new Map<string, string>()
  let last: string | undefined
  for (let at = from; ;) {
    const end = file.indexOf(0x0a, at)
    if (end < 0 || end - at > MAX_HEADER_LINE_BYTES) return { headers, bodyAt: at }
    const line = file.toString('utf8', at, end).replace(/\r$/, '')
    at = end + 1
    if (line === '') return { headers, bodyAt: at }
    if (/^[ \t]/.test(line) && last !== undefined)
      headers.set(last, `${headers.get(last) ?? ''} ${line.trim()}`)
    else {
      const colon = line.indexOf(':')
      if (colon <= 0) return { headers, bodyAt: from }
      last = line.slice(0, colon).trim().toLowerCase()
      if (!headers.has(last)) headers.set(last, line.slice(colon + 1).trim())
    }
    if (headers.size > 200) return { headers, bodyAt: at }
  }
}

/** Pages in mail name their pictures by Content-ID. */
function withIds(links: ReturnType<typeof htmlLinks>, html: string): ReturnType<typeof htmlLinks> {
  const ids = [...html.matchAll(/\bcid:([^\s"'()<>]{1,500})/gi)].map(([, id]) => `cid:${kept(id)}`)
  return { ...links, media: [...links.media, ...ids] }
}

/** Encoded words (RFC 2047), as Chrome writes titles that are not ASCII. */
function decodeWords(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(
      /=\?([\w-]+)\?([bq])\?([^?]*)\?=/gi,
      (whole, charset: string, kind: string, value: string) => {
        const bytes =
          kind.toLowerCase() === 'b'
            ? Buffer.from(value, 'base64')
            : decodePart(Buffer.from(value.replaceAll('_', ' '), 'latin1'), 'quoted-printable')
        try {
          return new TextDecoder(charset).decode(bytes)
        } catch {
          return whole
        }
      },
    )
}

function isoOf(date: string | undefined): string | undefined {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
