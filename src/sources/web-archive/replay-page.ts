import { parse, serialize, type DefaultTreeAdapterMap } from 'parse5'
import { MAX_PAGE_BYTES } from './archive-limits.ts'
import type { IndexedRecord, Place } from './capture.ts'
import {
  absolute,
  attribute,
  cssAddresses,
  srcsetAddresses,
  textOf as textIn,
  withoutEscapedLetters,
} from './page-links.ts'
import { textOf } from './record-content.ts'

/** All pictures, fonts and stylesheets of a replayed page together: they travel inside the page. */
const MAX_REPLAY_BYTES = 48 * 1024 * 1024
/** Largest one of them. */
const MAX_RESOURCE_BYTES = 12 * 1024 * 1024
/** Stylesheets inside stylesheets. */
const MAX_CSS_DEPTH = 4
/** Id of the picture that the page is shown for: the frame scrolls to it. */
export const PICTURE_ID = 'likeness-picture'

export interface ReplayRequest {
  page: IndexedRecord
  kind: 'warc' | 'mhtml'
  /** The picture that the page is shown for. */
  picture: string
  /** What is known of addresses that the page uses; null: the archive has none. */
  resources: Record<string, IndexedRecord | null>
  /** False: boxes stand where pictures were. */
  showsPictures: boolean
}

export interface ReplayPage {
  html: string
  /** Addresses that must be looked up first; then the page is not ready. */
  wanted: string[]
  shownPictures: number
  /** Pictures and stylesheets that the archive does not hold, or that were too large. */
  leftOut: number
}

type ContentAt = (place: Place, kind: 'warc' | 'mhtml') => Promise<{ bytes: Buffer }>
type Node = DefaultTreeAdapterMap['node']
type Element = DefaultTreeAdapterMap['element']
type Parent = DefaultTreeAdapterMap['parentNode']

/** Taken out with everything in them: they run, load, or lead elsewhere. */
const REMOVED = new Set([
  'script',
  'base',
  'meta',
  'object',
  'embed',
  'applet',
  'portal',
  'fencedframe',
  'param',
  'source',
  'track',
  'dialog',
])
/** Shown as boxes that say what stood there. */
const BOXED = new Set(['iframe', 'frame', 'video', 'audio'])
/** Attributes that make a browser fetch, run or go somewhere. */
const DROPPED = new Set(
  'href xlink:href src srcset imagesrcset sizes imagesizes action formaction ping background poster data cite longdesc manifest codebase classid archive code profile dynsrc lowsrc srcdoc target nonce integrity autofocus usemap data-src data-srcset loading http-equiv attributionsrc is slot'.split(
    ' ',
  ),
)

/**
 * Renders an archived page as one document that needs nothing from anywhere: scripts, frames, forms and links are taken
 * out, stylesheets, pictures and fonts come from the archive and travel inside as data. It is served with a policy that
 * allows nothing else; see docs/decisions/replay.md.
 */
export async function renderPage(request: ReplayRequest, contentAt: ContentAt): Promise<ReplayPage> {
  const { bytes } = await contentAt(request.page.place, request.kind)
  return new Rendering(request, contentAt).render(textOf(bytes.subarray(0, MAX_PAGE_BYTES), undefined))
}

class Rendering {
  readonly #request: ReplayRequest
  readonly #contentAt: ContentAt
  readonly #wanted = new Set<string>()
  #base: string
  #bytes = 0
  #shown = 0
  #left = 0
  #isMarked = false

  constructor(request: ReplayRequest, contentAt: ContentAt) {
    this.#request = request
    this.#contentAt = contentAt
    this.#base = request.page.url
  }

  async render(html: string): Promise<ReplayPage> {
    // A browser without scripts shows what stands in noscript; so does this.
    const document = parse(html, { scriptingEnabled: false })
    this.#findBase(document)
    await this.#walk(document)
    const head = find(document, 'head')
    if (head !== undefined) addStyle(head, OWN_STYLE)
    const page = `<!doctype html>${serialize(document).replace(/^<!doctype[^>]*>/i, '')}`
    return { html: page, wanted: [...this.#wanted], shownPictures: this.#shown, leftOut: this.#left }
  }

  #findBase(root: Node): void {
    const base = find(root, 'base')
    if (base !== undefined) this.#base = absolute(attribute(base, 'href') ?? '', this.#base) ?? this.#base
  }

  async #walk(parent: Parent): Promise<void> {
    // Taken out at the end: a picture looks at the sources beside it.
    const gone: Node[] = []
    for (const node of parent.childNodes.slice()) {
      if (node.nodeName === '#comment') gone.push(node)
      if (!('tagName' in node)) continue
      if ('content' in node || REMOVED.has(node.tagName)) {
        gone.push(node)
        continue
      }
      if (BOXED.has(node.tagName)) await this.#box(node)
      else if (node.tagName === 'link') await this.#stylesheet(node)
      else if (node.tagName === 'style') await this.#styleElement(node)
      else {
        if (node.tagName === 'img' || node.tagName === 'image') await this.#picture(node)
        await this.#attributes(node)
        await this.#walk(node)
      }
    }
    for (const node of gone) detach(node)
  }

  async #attributes(element: Element): Promise<void> {
    const added = element.attrs.filter(({ name }) => name === 'src' && element.tagName === 'img')
    const kept: Element['attrs'] = []
    for (const one of element.attrs) {
      const full = one.prefix === undefined || one.prefix === '' ? one.name : `${one.prefix}:${one.name}`
      if (full.startsWith('on')) continue
      if (full === 'href' && (element.tagName === 'image' || one.value.startsWith('#'))) kept.push(one)
      else if (DROPPED.has(full) || DROPPED.has(one.name)) continue
      else if (one.name === 'style') kept.push({ ...one, value: await this.#css(one.value, this.#base, 0) })
      // SVG says in attributes what CSS says in styles: fill, filter, mask, markers, and their animations.
      else if (/[(\\]/.test(one.value))
        kept.push({ ...one, value: await this.#css(one.value, this.#base, 0) })
      else kept.push(one)
    }
    const link = attribute(element, 'href')
    if (
      link !== undefined &&
      (element.tagName === 'a' || element.tagName === 'area') &&
      attribute(element, 'title') === undefined
    )
      kept.push({ name: 'title', value: (absolute(link, this.#base) ?? link).slice(0, 2000) })
    element.attrs = [...kept, ...added]
  }

  /** The picture that the page is shown for if it may be this one, else the one that the page shows first. */
  async #picture(element: Element): Promise<void> {
    const links = candidatesOf(element).flatMap((link) => this.#absolute(link))
    const wanted = links.includes(this.#request.picture) ? [this.#request.picture, ...links] : links
    element.attrs = element.attrs.filter(({ name }) => name !== 'src' && name !== 'href')
    const data = await this.#first(wanted)
    if (!this.#request.showsPictures || data === undefined) {
      if (element.tagName === 'img') markBox(element)
      if (wanted[0] === this.#request.picture) this.#mark(element)
      return
    }
    element.attrs.push({ name: element.tagName === 'img' ? 'src' : 'href', value: data.text })
    this.#shown += 1
    if (data.url === this.#request.picture) this.#mark(element)
  }

  async #first(urls: readonly string[]): Promise<{ url: string; text: string } | undefined> {
    for (const url of urls) {
      const text = await this.#dataOf(url, /^image\//)
      if (text !== undefined) return { url, text }
    }
    return undefined
  }

  #mark(element: Element): void {
    if (this.#isMarked) return
    this.#isMarked = true
    element.attrs = element.attrs.filter(({ name }) => name !== 'id')
    element.attrs.push({ name: 'id', value: PICTURE_ID })
  }

  /** A video, sound or frame: what stood there, with the video's still when the archive has it. */
  async #box(element: Element): Promise<void> {
    const own = attribute(element, 'src')
    const inner = element.childNodes.flatMap((child) =>
      'tagName' in child ? (attribute(child, 'src') ?? []) : [],
    )
    const links = [own, ...inner].flatMap((link) => (link === undefined ? [] : this.#absolute(link)))
    const poster = attribute(element, 'poster')
    const posters = poster === undefined ? [] : this.#absolute(poster)
    const still = this.#request.showsPictures ? await this.#first(posters) : undefined
    const isWanted = [...links, ...posters].includes(this.#request.picture)
    const label = `${element.tagName}: ${links[0] ?? ''}`.slice(0, 500)
    element.tagName = 'div'
    element.nodeName = 'div'
    element.attrs = [{ name: 'class', value: 'likeness-box' }]
    element.childNodes = []
    if (isWanted) this.#mark(element)
    if (still !== undefined) {
      this.#shown += 1
      append(element, 'img', [{ name: 'src', value: still.text }])
    }
    appendText(append(element, 'span', []), label)
  }

  async #stylesheet(element: Element): Promise<void> {
    const link = attribute(element, 'href')
    const isStyle =
      /\bstylesheet\b/i.test(attribute(element, 'rel') ?? '') &&
      !/\balternate\b/i.test(attribute(element, 'rel') ?? '')
    const [url] = link === undefined || !isStyle ? [] : this.#absolute(link)
    const css = url === undefined ? undefined : await this.#cssAt(url, 0)
    if (css === undefined) return detach(element)
    const media = attribute(element, 'media')
    element.tagName = 'style'
    element.nodeName = 'style'
    element.attrs = media === undefined ? [] : [{ name: 'media', value: media }]
    element.childNodes = []
    appendText(element, safeCss(css))
  }

  async #styleElement(element: Element): Promise<void> {
    const css = await this.#css(textIn(element), this.#base, 0)
    element.attrs = element.attrs.filter(({ name }) => name === 'media')
    element.childNodes = []
    appendText(element, safeCss(css))
  }

  async #cssAt(url: string, depth: number): Promise<string | undefined> {
    const bytes = depth > MAX_CSS_DEPTH ? undefined : await this.#bytesOf(url, /css|text\/plain|octet-stream/)
    return bytes === undefined ? undefined : this.#css(textOf(bytes.bytes, undefined), url, depth)
  }

  /** The stylesheet with every address replaced by data, or by nothing. */
  async #css(written: string, base: string, depth: number): Promise<string> {
    const css = withoutEscapedLetters(written)
    const imports: string[] = []
    let text = ''
    let at = 0
    for (const found of cssAddresses(css)) {
      if (found.length === 0 || found.at < at) continue
      text += inert(css.slice(at, found.at))
      at = found.at + found.length
      // A part of the page itself: a gradient, a mask.
      if (found.url.startsWith('#') && !found.isImport) {
        text += css.slice(found.at, at)
        continue
      }
      if (/^data:(image|font)\//i.test(found.url)) {
        text +=
          this.#request.showsPictures || /^data:font/i.test(found.url) ? css.slice(found.at, at) : 'none'
        continue
      }
      const url = absolute(found.url, base)
      if (found.isImport) {
        // What is left of the rule, its media and its semicolon, goes with it.
        at = Math.max(at, css.indexOf(';', at) + 1)
        const inner = url === undefined ? undefined : await this.#cssAt(url, depth + 1)
        if (inner !== undefined) imports.push(inner)
      } else {
        const data =
          url === undefined
            ? undefined
            : await this.#dataOf(url, this.#request.showsPictures ? /^(image|font)\/|font/ : /^font\/|font/)
        if (data !== undefined && url === this.#request.picture) this.#shown += 1
        text += data === undefined ? 'url("data:,")' : `url("${data}")`
      }
    }
    const rest = text + inert(css.slice(at))
    // Sets of strings are addresses without url(); what names one cannot be told from what does not, so they all go.
    return [...imports, rest.replaceAll(/(-webkit-)?image-set\(/gi, 'likeness-none(')].join('\n')
  }

  async #dataOf(url: string, kinds: RegExp): Promise<string | undefined> {
    if (!this.#request.showsPictures && kinds.source.startsWith('^image')) return undefined
    const found = await this.#bytesOf(url, kinds)
    return found === undefined ? undefined : `data:${found.mime};base64,${found.bytes.toString('base64')}`
  }

  async #bytesOf(url: string, kinds: RegExp): Promise<{ mime: string; bytes: Buffer } | undefined> {
    const record = this.#request.resources[url]
    if (record === undefined) this.#wanted.add(url)
    if (record === undefined || record === null || !kinds.test(record.mime)) {
      if (record === null) this.#left += 1
      return undefined
    }
    // While addresses are still being looked up the page is not shown yet: only stylesheets are needed, for more of them.
    if (this.#bytes >= MAX_REPLAY_BYTES) {
      this.#left += 1
      return undefined
    }
    try {
      const { bytes } = await this.#contentAt(record.place, this.#request.kind)
      if (bytes.byteLength > MAX_RESOURCE_BYTES) throw new RangeError('too large')
      this.#bytes += bytes.byteLength
      return { mime: record.mime, bytes }
    } catch {
      this.#left += 1
      return undefined
    }
  }

  #absolute(link: string): string[] {
    const url = absolute(link, this.#base)
    return url === undefined ? [] : [url]
  }
}

const OWN_STYLE = `
#${PICTURE_ID}{outline:5px solid #e8590c!important;outline-offset:2px!important;scroll-margin:80px!important}
.likeness-box{display:inline-block;min-width:80px;min-height:48px;border:1px dashed #868e96;background:#f1f3f5;color:#495057;font:12px sans-serif;padding:4px;overflow-wrap:anywhere}
.likeness-box img{display:block;max-width:100%}
`

/** Every address by which an image could show its picture: its own, its set, those of the picture element around it. */
function candidatesOf(element: Element): string[] {
  const names = ['src', 'href', 'xlink:href', 'data-src', 'data-original', 'data-lazy-src']
  const own = names.flatMap((name) => attribute(element, name) ?? [])
  const sets = ['srcset', 'data-srcset'].flatMap((name) => srcsetAddresses(attribute(element, name) ?? ''))
  const parent = element.parentNode
  const around =
    parent !== null && 'tagName' in parent && parent.tagName === 'picture'
      ? parent.childNodes.flatMap((child) =>
          'tagName' in child && child.tagName === 'source'
            ? srcsetAddresses(attribute(child, 'srcset') ?? '')
            : [],
        )
      : []
  return [...own, ...sets, ...around]
}

function markBox(element: Element): void {
  const known = attribute(element, 'class')
  element.attrs = element.attrs.filter(({ name }) => name !== 'class')
  element.attrs.push({ name: 'class', value: `${known ?? ''} likeness-box`.trim() })
}

/** Nothing in a stylesheet may end the element that holds it. */
function safeCss(css: string): string {
  return css.replaceAll(/<\/?style/gi, '/* */')
}

function addStyle(head: Element, css: string): void {
  appendText(append(head, 'style', []), css)
}

function append(parent: Element, tagName: string, attrs: Element['attrs']): Element {
  const element = {
    nodeName: tagName,
    tagName,
    attrs,
    namespaceURI: parent.namespaceURI,
    childNodes: [],
    parentNode: parent,
  } satisfies Element
  parent.childNodes.push(element)
  return element
}

function appendText(parent: Element, value: string): void {
  parent.childNodes.push({ nodeName: '#text', value, parentNode: parent })
}

function find(root: Node, tagName: string): Element | undefined {
  const walk: Node[] = [root]
  for (let node = walk.pop(); node !== undefined; node = walk.pop()) {
    if ('tagName' in node && node.tagName === tagName) return node
    if ('childNodes' in node) walk.push(...node.childNodes.toReversed())
  }
  return undefined
}

function detach(node: Node): void {
  const parent = 'parentNode' in node ? node.parentNode : null
  if (parent !== null) parent.childNodes = parent.childNodes.filter((child) => child !== node)
}

/** CSS in which no address was found: what looks like the beginning of one is none that a browser knows. */
function inert(css: string): string {
  return css.replaceAll(/url\(/gi, 'likeness-none(').replaceAll(/@import/gi, '@likeness-none')
}
