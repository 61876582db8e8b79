import { MAX_PAGES_OF_PICTURE, MAX_PAGE_LINKS } from './archive-limits.ts'
import type { PageEvidence, PageOfPicture } from './capture.ts'
import type { PageLinks } from './page-links.ts'

/** How far pages inside pages and stylesheets inside stylesheets are followed upwards. */
const MAX_LEVELS = 4

interface Embedding {
  by: string
  how: 'html' | 'css' | 'referer'
}

/**
 * Which pages pictures stood on, from everything that an archive says of it: the page id of the record, the HTML and the
 * stylesheets of the pages, the referer of the request.
 */
export class PageGraph {
  readonly #embeddings = new Map<string, Embedding[]>()
  readonly #titles = new Map<string, string>()
  readonly #htmlPages = new Set<string>()
  readonly #pagesById = new Map<string, string>()
  readonly #listed = new Set<string>()
  #links = 0

  /** A page that the archive lists as one that somebody wanted. */
  addListedPage(url: string, id: string | undefined, title: string | undefined): void {
    this.#listed.add(url)
    if (id !== undefined) this.#pagesById.set(id, url)
    if (title !== undefined && title !== '') this.#titles.set(url, title)
  }

  addHtml(url: string, links: PageLinks): void {
    this.#htmlPages.add(url)
    if (links.title !== undefined && links.title !== '' && !this.#titles.has(url))
      this.#titles.set(url, links.title)
    for (const link of [...links.media, ...links.styles, ...links.frames]) this.#embed(link, url, 'html')
  }

  addCss(url: string, links: PageLinks): void {
    for (const link of [...links.media, ...links.styles]) this.#embed(link, url, 'css')
  }

  addReferer(url: string, referer: string): void {
    this.#embed(url, referer, 'referer')
  }

  /** How many pages the archive holds. */
  get pages(): number {
    return this.#listed.size > 0
      ? this.#listed.size
      : [...this.#htmlPages].filter((url) => !this.#isInside(url)).length
  }

  /** Pages of a picture, the surest first, at most `MAX_PAGES_OF_PICTURE`. */
  pagesOf(url: string, pageId: string | undefined): PageOfPicture[] {
    const found = new Map<string, PageEvidence>()
    const own = pageId === undefined ? undefined : this.#pagesById.get(pageId)
    if (own !== undefined) found.set(own, 'page_id')
    for (const how of ['html', 'css', 'referer'] as const) {
      for (const { by } of (this.#embeddings.get(url) ?? []).filter((embedding) => embedding.how === how)) {
        for (const page of this.#pagesAbove(by)) {
          if (!found.has(page)) found.set(page, how)
          if (found.size >= MAX_PAGES_OF_PICTURE) return this.#named(found)
        }
      }
    }
    return this.#named(found)
  }

  #named(found: ReadonlyMap<string, PageEvidence>): PageOfPicture[] {
    return [...found].map(([url, how]) => {
      const title = this.#titles.get(url)
      return title === undefined ? { url, how } : { url, title, how }
    })
  }

  /** The pages at which a chain of frames and stylesheets ends; the thing itself when nothing holds it. */
  #pagesAbove(url: string): string[] {
    let level = [url]
    const seen = new Set(level)
    for (let depth = 0; depth < MAX_LEVELS; depth++) {
      const above: string[] = []
      const ends: string[] = []
      for (const one of level) {
        const holders = this.#listed.has(one)
          ? []
          : (this.#embeddings.get(one) ?? []).filter(({ by }) => !seen.has(by))
        if (holders.length === 0) ends.push(one)
        for (const { by } of holders) {
          seen.add(by)
          above.push(by)
        }
      }
      if (above.length === 0) return ends
      level = [...above, ...ends]
      if (level.length > MAX_PAGES_OF_PICTURE * 4) return level.slice(0, MAX_PAGES_OF_PICTURE)
    }
    return level
  }

  #isInside(url: string): boolean {
    return (this.#embeddings.get(url) ?? []).some(({ how }) => how === 'html')
  }

  #embed(url: string, by: string, how: Embedding['how']): void {
    if (url === by || this.#links >= MAX_PAGE_LINKS) return
    const known = this.#embeddings.get(url) ?? []
    // One picture on thousands of pages, as a site's logo: a few pages of each kind are enough.
    const ofKind = known.filter((embedding) => embedding.how === how)
    if (ofKind.length >= MAX_PAGES_OF_PICTURE || ofKind.some((embedding) => embedding.by === by)) return
    known.push({ by, how })
    this.#embeddings.set(url, known)
    this.#links += 1
  }
}
