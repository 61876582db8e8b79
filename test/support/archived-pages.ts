import { createServer, type IncomingMessage, type Server } from 'node:http'
import { gzipSync } from 'node:zlib'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { WARCRecord, WARCSerializer } from 'warcio'

export interface Resource {
  type: string
  bytes: Buffer
  /** Sends it gzip-compressed and chunked. */
  packed?: boolean
}

/** Pages of a little site by their path. */
export type Site = Record<string, Resource>

function html(text: string): Resource {
  return { type: 'text/html; charset=utf-8', bytes: Buffer.from(text), packed: true }
}

function jpeg(bytes: Buffer): Resource {
  return { type: 'image/jpeg', bytes }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The site with a picture in each of the ways in which pages show one, and a video. */
export function siteOf(
  pictures: Record<'img' | 'set' | 'css' | 'inline' | 'poster', Buffer>,
  video: Buffer,
): Site {
  return {
    '/post': html(`<!doctype html><html><head><title>Звіт зі станції</title>
      <link rel="stylesheet" href="/style.css"><script src="/track.js"></script></head>
      <body onload="fetch('https://evil.example/')"><h1>Station report</h1>
      <img id="first" src="img/first.jpg" alt="first">
      <img srcset="/img/set-small.jpg 320w, /img/set.jpg 1280w" sizes="100vw" alt="set">
      <div class="banner">Banner</div>
      <div style="background-image: url('/img/inline.jpg'); height: 300px">Inline</div>
      <video poster="/img/poster.jpg" src="/clip.mp4" controls></video>
      <a href="https://evil.example/">away</a>
      </body></html>`),
    '/style.css': {
      type: 'text/css',
      bytes: Buffer.from('.banner { height: 300px; background: url("img/css.jpg") no-repeat }'),
    },
    '/track.js': { type: 'text/javascript', bytes: Buffer.from('fetch("https://evil.example/track")') },
    '/img/first.jpg': jpeg(pictures.img),
    '/img/set.jpg': jpeg(pictures.set),
    '/img/css.jpg': jpeg(pictures.css),
    '/img/inline.jpg': jpeg(pictures.inline),
    '/img/poster.jpg': jpeg(pictures.poster),
    '/clip.mp4': { type: 'video/mp4', bytes: video },
    '/other': html('<title>Other page</title><p>Seen again</p><img src="/img/first.jpg">'),
  }
}

/** Serves a site on loopback. */
export async function serveSite(site: Site): Promise<{ origin: string; close: () => Promise<void> }> {
  const server: Server = createServer((request: IncomingMessage, response) => {
    const found = site[(request.url ?? '').split('?')[0]]
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not here')
      return
    }
    const { type, bytes, packed } = found
    response.setHeader('content-type', type)
    if (packed !== true) response.end(bytes)
    else {
      response.setHeader('content-encoding', 'gzip')
      response.write(gzipSync(bytes))
      response.end()
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

export interface RecordOptions {
  /** Compressed record by record; default true. */
  gzip?: boolean
  /** Left out of the records' headers, as many crawlers do. */
  referers?: boolean
  /** By which records name their page, as ArchiveWeb.page and Browsertrix write it. */
  pageIds?: Record<string, string>
  /** Addresses that are written once more as revisit records. */
  revisits?: readonly string[]
}

/** Fetches paths of a site and writes them as a WARC file with `warcio`, requests included. */
export async function recordWarc(
  origin: string,
  paths: readonly string[],
  { gzip = true, referers = false, pageIds = {}, revisits = [] }: RecordOptions = {},
): Promise<Buffer> {
  const parts: Uint8Array[] = []
  const write = async (record: WARCRecord): Promise<void> => {
    parts.push(await WARCSerializer.serialize(record, { gzip }))
  }
  await write(
    WARCRecord.createWARCInfo(
      { filename: 'site.warc.gz', warcVersion: 'WARC/1.1' },
      { software: 'test recorder 1.0' },
    ),
  )
  for (const [at, one] of paths.entries()) {
    const url = `${origin}${one}`
    const date = new Date(Date.UTC(2024, 2, 1, 12, 0, at)).toISOString()
    const reply = await fetch(url)
    const body = new Uint8Array(await reply.arrayBuffer())
    const httpHeaders = Object.fromEntries(
      [...reply.headers].filter(([name]) => name !== 'content-encoding' && name !== 'transfer-encoding'),
    )
    const page = pageIds[one]
    const warcHeaders = page === undefined ? {} : { 'WARC-Page-ID': page }
    const common = { url, date, warcVersion: 'WARC/1.1' as const }
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield body
    }
    await write(
      WARCRecord.create(
        {
          ...common,
          type: 'response',
          httpHeaders,
          warcHeaders,
          statusline: `HTTP/1.1 ${reply.status} ${reply.statusText}`,
        },
        chunks(),
      ),
    )
    const referer = referers ? { referer: `${origin}/post` } : {}
    await write(
      WARCRecord.create(
        {
          ...common,
          type: 'request',
          httpHeaders: { 'user-agent': 'test', ...referer },
          statusline: `GET ${one} HTTP/1.1`,
        },
        nothing(),
      ),
    )
  }
  for (const one of revisits) {
    await write(
      WARCRecord.create(
        {
          url: `${origin}${one}?again`,
          date: '2024-03-02T08:00:00Z',
          warcVersion: 'WARC/1.1',
          type: 'revisit',
          refersToUrl: `${origin}${one}`,
          refersToDate: '2024-03-01T12:00:00Z',
          httpHeaders: { 'content-type': 'image/jpeg' },
          statusline: 'HTTP/1.1 200 OK',
        },
        nothing(),
      ),
    )
  }
  return Buffer.concat(parts)
}

/** Writes a file into a folder and gives its path. */
export function written(folder: string, name: string, bytes: Buffer | string): string {
  const file = path.join(folder, name)
  writeFileSync(file, bytes)
  return file
}
