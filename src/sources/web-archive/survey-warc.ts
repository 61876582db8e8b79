import { MAX_NAME_LENGTH } from '../limits.ts'
import type { ByteSource } from './byte-feed.ts'
import { ArchiveFault, type Capture, type CaptureTool, type IndexedRecord, type Place } from './capture.ts'
import { type SurveyedItem } from './surveyed-item.ts'
import { headerOf, parseHttpHead } from './http-message.ts'
import { OriginalsOfRevisits, type FoundMedia, type Revisit } from './originals-of-revisits.ts'
import { PageGraph } from './page-graph.ts'
import { cssLinks, htmlLinks } from './page-links.ts'
import { surveyContent, type RecordContent } from './record-content.ts'
import { warcRecords, type WarcRecord } from './warc-records.ts'
import type { InflationTally } from './gzip-member.ts'
import type { Member } from './zip-package.ts'
import { MAX_ARCHIVE_RECORDS, MAX_HEADER_BYTES } from './archive-limits.ts'

/** Of a response's headers, as far as they are kept. */
const KEPT_HEADERS = 60
const KEPT_HEADER_LENGTH = 2000
const KEPT_TEXT = 4000
/** Sentences about damage in one archive. */
const MAX_PROBLEMS = 100

/** What the WARC files of one archive hold: media with their pages, and where every response stands. */
export class WarcSurvey {
  readonly graph = new PageGraph()
  readonly problems: string[] = []
  readonly records: IndexedRecord[] = []
  /** Records of every type. */
  recordCount = 0
  software: string | undefined
  readonly #tool: CaptureTool
  readonly #archive: string
  readonly #refused: SurveyedItem[] = []
  readonly #media: FoundMedia[] = []
  readonly #revisits: Revisit[] = []
  readonly #redirects: { from: string; to: string; capturedAt: string }[] = []
  readonly #tally: InflationTally = { compressed: 0, inflated: 0 }

  /** @param archive its SHA-256 */
  constructor(tool: CaptureTool, archive: string) {
    this.#tool = tool
    this.#archive = archive
  }

  /** Goes through one WARC file. What is wrong with it is a refused item; what came before counts. */
  async read(source: ByteSource, member: Member | undefined): Promise<void> {
    const place = member ?? {}
    try {
      const reading = { tally: this.#tally, onDamage: (problem: string) => this.#warn(problem) }
      let before = this.#mark()
      for await (const record of warcRecords(source, { at: 0 }, reading)) {
        if (record.isAgain) this.#forget(before)
        before = this.#mark()
        if (!record.isAgain && ++this.recordCount > MAX_ARCHIVE_RECORDS)
          throw new ArchiveFault(
            'too_many_entries',
            `it has more than MAX_ARCHIVE_RECORDS, ${MAX_ARCHIVE_RECORDS} records; the rest was not read`,
          )
        await this.#take(record, {
          ...place,
          at: record.at,
          ...(record.skip === 0 ? {} : { skip: record.skip }),
        })
      }
    } catch (error) {
      if (!(error instanceof ArchiveFault)) throw error
      this.refuse(
        `(rest of ${member?.member ?? 'the archive'})`,
        error.reason,
        `The archive cannot be read from here on: ${error.message}.`,
      )
    }
  }

  #warn(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(kept(problem))
  }

  /** How much was found so far; what a record with a wrong length gave is forgotten when it is given again. */
  #mark(): number[] {
    return this.#found().map((list) => list.length)
  }

  #forget(mark: readonly number[]): void {
    for (const [at, list] of this.#found().entries()) list.length = mark[at]
  }

  #found(): unknown[][] {
    return [this.#media, this.#revisits, this.#redirects, this.#refused, this.records]
  }

  refuse(name: string, reason: NonNullable<SurveyedItem['refusal']>['reason'], detail: string): void {
    this.#refused.push({ name: kept(name), claims: undefined, refusal: { reason, detail: kept(detail) } })
    this.problems.push(kept(detail))
  }

  /** Media in the order of the archive, then what was refused. */
  items(): SurveyedItem[] {
    const originals = new OriginalsOfRevisits(this.#media)
    return [
      ...this.#media.map((found) => this.#item({ ...found.capture, pages: this.#pagesOf(found) })),
      ...this.#revisits.flatMap((revisit) => this.#revisited(revisit, originals)),
      ...this.#refused,
    ]
  }

  /** Addresses that lead to a record under another name: redirects and revisits. */
  aliases(): IndexedRecord[] {
    const byUrl = new Map(this.records.map((record) => [record.url, record]))
    const aliases: IndexedRecord[] = []
    for (const { from, to, capturedAt } of this.#redirects) {
      const record = byUrl.get(to)
      if (record !== undefined && !byUrl.has(from)) aliases.push({ ...record, url: from, capturedAt })
    }
    for (const { capture, refersToUrl } of this.#revisits) {
      const record = byUrl.get(refersToUrl ?? capture.resourceUrl ?? '')
      if (record !== undefined)
        aliases.push({ ...record, url: capture.resourceUrl ?? '', capturedAt: capture.capturedAt ?? '' })
    }
    return aliases
  }

  async #take(record: WarcRecord, place: Place): Promise<void> {
    const { headers } = record
    switch (headers.get('warc-type')) {
      case 'warcinfo':
        return this.#takeInfo(await wholeText(record))
      case 'request':
        return this.#takeRequest(record)
      case 'revisit':
        return this.#takeRevisit(record, place)
      case 'response':
      case 'resource':
      case 'conversion':
        return this.#takeContent(record, await surveyContent(record), place)
      case undefined:
      default:
        return undefined
    }
  }

  #takeInfo(text: string): void {
    this.software ??= /^software:\s*(.{1,200})$/im.exec(text)?.[1].trim()
  }

  async #takeRequest(record: WarcRecord): Promise<void> {
    const url = urlOf(record.headers)
    const text = await wholeText(record)
    const referer = /^referer:\s*(\S{1,8192})\s*$/im.exec(text)?.[1]
    const page = referer === undefined ? undefined : canonical(referer)
    if (url !== undefined && page !== undefined) this.graph.addReferer(url, page)
  }

  async #takeRevisit(record: WarcRecord, place: Place): Promise<void> {
    const { headers } = record
    const http = parseHttpHead(Buffer.from(await wholeText(record), 'utf8'))
    const refersToUrl = canonical(headers.get('warc-refers-to-target-uri') ?? '')
    this.#revisits.push({
      capture: { ...this.#base(headers, place), ...httpFacts(http) },
      pageId: headers.get('warc-page-id'),
      payloadDigest: headers.get('warc-payload-digest'),
      refersTo: headers.get('warc-refers-to'),
      refersToUrl,
    })
  }

  #takeContent(record: WarcRecord, content: RecordContent, place: Place): void {
    const { headers } = record
    const url = urlOf(headers)
    const { http, kind, digest } = content
    if (content.missing > 0) {
      this.refuse(
        url ?? '(a record)',
        'damaged_archive',
        `Its record ends ${content.missing} bytes before its length.`,
      )
      return
    }
    const pageId = headers.get('warc-page-id')
    if (kind === 'image' || kind === 'video') {
      const truncated = headers.get('warc-truncated')
      this.#media.push({
        capture: {
          ...this.#base(headers, place),
          ...httpFacts(http),
          digest,
          ...(truncated === undefined ? {} : { other: { truncated: kept(truncated) } }),
        },
        pageId,
        payloadDigest: headers.get('warc-payload-digest'),
      })
    }
    if (url === undefined) return
    const location =
      http !== undefined && http.status >= 300 && http.status < 400
        ? headerOf(http.headers, 'location')
        : undefined
    const capturedAt = dateOf(headers) ?? ''
    const target = location === undefined ? undefined : canonical(location, url)
    if (target !== undefined) {
      this.#redirects.push({ from: url, to: target, capturedAt })
      this.graph.addReferer(target, url)
      return
    }
    if (http === undefined || http.status < 400)
      this.records.push({ url, capturedAt, mime: content.mime, place })
    if (content.text === undefined) return
    if (kind === 'html') this.graph.addHtml(url, htmlLinks(content.text, url))
    else this.graph.addCss(url, cssLinks(content.text, url))
  }

  #base(headers: ReadonlyMap<string, string>, place: Place): Omit<Capture, 'pages' | 'digest'> {
    const recordId = headers.get('warc-record-id')
    const url = urlOf(headers)
    const capturedAt = dateOf(headers)
    return {
      tool: this.#tool,
      archive: this.#archive,
      place,
      ...(recordId === undefined ? {} : { recordId: kept(recordId) }),
      ...(url === undefined ? {} : { resourceUrl: url }),
      ...(capturedAt === undefined ? {} : { capturedAt }),
    }
  }

  #pagesOf({ capture, pageId }: Pick<FoundMedia, 'capture' | 'pageId'>): Capture['pages'] {
    return this.graph.pagesOf(capture.resourceUrl ?? '', pageId)
  }

  /** A revisit says that the bytes were the same as those of an earlier record; the picture stood there too. */
  #revisited(revisit: Revisit, originals: OriginalsOfRevisits): SurveyedItem[] {
    const original = originals.of(revisit)
    if (original === undefined) return []
    const { place, digest, resourceUrl, recordId } = original.capture
    const capture = {
      ...revisit.capture,
      ...(place === undefined ? {} : { place }),
      digest,
      revisitOf: recordId ?? resourceUrl ?? '',
    }
    return [this.#item({ ...capture, pages: this.#pagesOf({ ...revisit, capture }) })]
  }

  #item(capture: Capture): SurveyedItem {
    const source_url = capture.pages[0]?.url ?? capture.resourceUrl
    return {
      name: (capture.resourceUrl ?? capture.recordId ?? '(a record without address)').slice(
        0,
        MAX_NAME_LENGTH,
      ),
      claims: { ...(source_url === undefined ? {} : { source_url }), capture },
      refusal: undefined,
    }
  }
}

/** Text that can be kept, see source-item.ts. */
export function kept(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed().slice(0, KEPT_TEXT)
}

/** The address in one way of writing, without fragment; undefined when it is none. */
export function canonical(text: string, base?: string): string | undefined {
  try {
    const url = new URL(text.trim().replace(/^<(.*)>$/, '$1'), base)
    url.hash = ''
    return kept(url.href)
  } catch {
    return undefined
  }
}

export function httpFacts(http: ReturnType<typeof parseHttpHead>): Pick<Capture, 'status' | 'headers'> {
  if (http === undefined) return {}
  const headers = http.headers
    .slice(0, KEPT_HEADERS)
    .map(([name, value]): [string, string] => [
      kept(name).slice(0, 200),
      kept(value).slice(0, KEPT_HEADER_LENGTH),
    ])
  return { status: http.status, headers }
}

function urlOf(headers: ReadonlyMap<string, string>): string | undefined {
  const text = headers.get('warc-target-uri')
  return text === undefined || text === '' ? undefined : (canonical(text) ?? kept(text))
}

function dateOf(headers: ReadonlyMap<string, string>): string | undefined {
  const text = headers.get('warc-date')
  return text !== undefined && /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : undefined
}

/** The beginning of a block, as text. */
async function wholeText(record: WarcRecord): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const piece of record.block) {
    bytes += piece.byteLength
    if (bytes > MAX_HEADER_BYTES) break
    parts.push(Buffer.from(piece))
  }
  return Buffer.concat(parts).toString('utf8')
}
