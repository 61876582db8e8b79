import type { Capture } from './capture.ts'

/** A picture or video of a record. */
export interface FoundMedia {
  capture: Omit<Capture, 'pages'>
  pageId: string | undefined
  payloadDigest: string | undefined
}

/** A record that says that the bytes were the same as those of an earlier one. */
export interface Revisit {
  capture: Omit<Capture, 'pages' | 'digest'>
  pageId: string | undefined
  payloadDigest: string | undefined
  refersTo: string | undefined
  refersToUrl: string | undefined
}

/** Finds the record that a revisit means, by one look-up each: archives have as many revisits as records. */
export class OriginalsOfRevisits {
  readonly #byRecord = new Map<string, number>()
  readonly #byDigest = new Map<string, number>()
  readonly #byUrl = new Map<string, number>()
  readonly #media: readonly FoundMedia[]

  constructor(media: readonly FoundMedia[]) {
    this.#media = media
    for (const [at, { capture, payloadDigest }] of media.entries()) {
      addFirst(this.#byRecord, capture.recordId, at)
      addFirst(this.#byDigest, payloadDigest, at)
      addFirst(this.#byUrl, capture.resourceUrl, at)
    }
  }

  /** Of several the first in the archive. */
  of({ refersTo, payloadDigest, refersToUrl }: Revisit): FoundMedia | undefined {
    const places = [
      refersTo === undefined ? undefined : this.#byRecord.get(refersTo),
      payloadDigest === undefined ? undefined : this.#byDigest.get(payloadDigest),
      refersToUrl === undefined ? undefined : this.#byUrl.get(refersToUrl),
    ].filter((place) => place !== undefined)
    return places.length === 0 ? undefined : this.#media[Math.min(...places)]
  }
}

function addFirst(index: Map<string, number>, key: string | undefined, at: number): void {
  if (key !== undefined && !index.has(key)) index.set(key, at)
}
