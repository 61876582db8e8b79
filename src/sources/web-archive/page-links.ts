import { parse, type DefaultTreeAdapterMap } from 'parse5'
import { MAX_PAGE_BYTES } from './archive-limits.ts'

/** What a page or stylesheet makes the browser fetch, as absolute addresses without fragment. */
export interface PageLinks {
  title: string | undefined
  /** Pictures and videos, however the page names them. */
  media: string[]
  /** Stylesheets. */
  styles: string[]
  /** Pages inside the page. */
  frames: string[]
}

type Node = DefaultTreeAdapterMap['node']
type Element = DefaultTreeAdapterMap['element']

/** Attributes from which a page's own program loads a picture later, as most large sites do. */
const LAZY_ATTRIBUTES = new Set(['data-src', 'data-original', 'data-lazy-src', 'data-full', 'data-image'])
const LAZY_SETS = new Set(['data-srcset', 'data-lazy-srcset'])

/** Links of an HTML page. @param address of the page; relative links go from there, or from its `<base>` */
export function htmlLinks(html: string, address: string): PageLinks {
  const links: PageLinks = { title: undefined, media: [], styles: [], frames: [] }
  let base = address
  const walk: Node[] = [parse(html.slice(0, MAX_PAGE_BYTES))]
  for (let node = walk.pop(); node !== undefined; node = walk.pop()) {
    if ('tagName' in node) {
      if (node.tagName === 'base') base = absolute(attribute(node, 'href') ?? '', address) ?? base
      collect(node, links, base)
    }
    if ('content' in node) walk.push(node.content)
    if ('childNodes' in node) walk.push(...node.childNodes.toReversed())
  }
  return links
}

/** Pictures and further stylesheets that a stylesheet names. */
export function cssLinks(css: string, address: string): PageLinks {
  const links: PageLinks = { title: undefined, media: [], styles: [], frames: [] }
  for (const { url, isImport } of cssAddresses(css.slice(0, MAX_PAGE_BYTES))) {
    const full = absolute(url, address)
    if (full !== undefined) (isImport ? links.styles : links.media).push(full)
  }
  return links
}

/**
 * A stylesheet without the escapes of letters (CSS Syntax 3, section 4.3.7): `\\75rl(` and `u\\rl(` are `url(` to a browser. What
 * else is escaped stays so: brackets and quotes that are escaped are no syntax.
 */
export function withoutEscapedLetters(css: string): string {
  return css.replaceAll(
    /\\(?:([0-9a-f]{1,6})(?:\r\n|[ \t\n\r\f])?|([^\n\r\f]))/gi,
    (escape, hex: string | undefined, plain: string | undefined) => {
      const character = plain ?? String.fromCodePoint(Math.min(Number.parseInt(hex!, 16), 0x10_ffff))
      return /^[a-z-]$/i.test(character) ? character : escape
    },
  )
}

/** `url(…)`, the strings of `image-set(…)`, and `@import`, with where they stand in the text. */
export function* cssAddresses(
  css: string,
): Generator<{ url: string; isImport: boolean; at: number; length: number }> {
  const pattern =
    /(@import\s+)?url\(\s*(?:"([^"\n]{0,65536})"|'([^'\n]{0,65536})'|([^\s"'()]{1,65536}))\s*\)|@import\s+(?:"([^"\n]{0,8192})"|'([^'\n]{0,8192})')/gi
  for (const match of css.matchAll(pattern)) {
    const isImport = /^@import/i.test(match[0])
    const url = match.slice(2).find((part) => part !== undefined) ?? ''
    yield { url: url.replaceAll(/\\([^\n])/g, '$1'), isImport, at: match.index, length: match[0].length }
  }
  for (const set of css.matchAll(/image-set\(([^()]{0,8192}(?:\([^()]{0,4096}\)[^()]{0,4096})*)\)/gi)) {
    for (const text of set[1].matchAll(/(?:^|,)\s*(?:"([^"\n]+)"|'([^'\n]+)')/g))
      yield { url: text[1] ?? text[2], isImport: false, at: set.index, length: 0 }
  }
}

/** Addresses of a `srcset`: candidates have commas between them, and addresses may have commas inside. */
export function srcsetAddresses(text: string): string[] {
  return text
    .slice(0, 65_536)
    .split(/,\s+|\s+[\d.]+[wxh]\s*,|,(?=\S+\s+[\d.]+[wxh])/)
    .map((part) => part.trim().split(/\s+/)[0])
    .filter((part) => part !== '')
}

/** The address that a link leads to, without its fragment; undefined for data, scripts and broken ones. */
export function absolute(link: string, base: string): string | undefined {
  const text = link.trim()
  if (text === '' || /^(data|javascript|blob|about|mailto):/i.test(text)) return undefined
  try {
    const url = new URL(text, base)
    url.hash = ''
    return url.href
  } catch {
    return undefined
  }
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((one) => one.name === name)?.value
}

/** Text inside an element, as far as its own children hold any. */
export function textOf(element: Element): string {
  return element.childNodes.map((child) => ('value' in child ? child.value : '')).join('')
}

function collect(element: Element, links: PageLinks, base: string): void {
  const { media, styles, frames } = links
  const add = (list: string[], link: string | undefined): void => {
    const full = link === undefined ? undefined : absolute(link, base)
    if (full !== undefined) list.push(full)
  }
  const addCss = (css: string): void => {
    for (const { url, isImport } of cssAddresses(css)) add(isImport ? styles : media, url)
  }
  const tag = element.tagName
  for (const { name, value } of element.attrs) {
    if (name === 'srcset' || name === 'imagesrcset' || LAZY_SETS.has(name))
      for (const link of srcsetAddresses(value)) add(media, link)
    else if (name === 'style') addCss(value)
    else if (name === 'poster' || name === 'background' || LAZY_ATTRIBUTES.has(name)) add(media, value)
  }
  if (['img', 'video', 'audio', 'source', 'embed', 'input', 'track'].includes(tag))
    add(media, attribute(element, 'src'))
  else if (tag === 'image' || tag === 'use' || tag === 'feimage')
    add(media, attribute(element, 'href') ?? attribute(element, 'xlink:href'))
  else if (tag === 'object') add(media, attribute(element, 'data'))
  else if (tag === 'iframe' || tag === 'frame') add(frames, attribute(element, 'src'))
  else if (tag === 'style') addCss(textOf(element))
  else if (tag === 'title') links.title ??= textOf(element).trim().slice(0, 500)
  else if (tag === 'link') {
    const rel = (attribute(element, 'rel') ?? '').toLowerCase()
    if (/\bstylesheet\b/.test(rel)) add(styles, attribute(element, 'href'))
    else if (/\b(icon|image_src|preload)\b/.test(rel)) add(media, attribute(element, 'href'))
  } else if (
    tag === 'meta' &&
    /^(og:image|og:video|twitter:image)/.test(
      attribute(element, 'property') ?? attribute(element, 'name') ?? '',
    )
  )
    add(media, attribute(element, 'content'))
}
