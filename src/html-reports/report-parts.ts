import { ADVICE_SENTENCES } from '../engine/quality/advice.ts'
import type { Box } from '../engine/types.ts'
import { printable, type Probe } from '../search/choose-probe-face.ts'
import { cutFace, dataUri } from '../search/cut-face.ts'
import { escapeHtml } from './page.ts'

/** Twice the size at which pictures are shown, for sharp screens and print. */
const CUT_SIDE_PX = 384

export const CAUTION = `<p class="caution"><strong>A likeness is a lead, never an identity.</strong> A face that looks alike may be another person's. Have a second person compare the originals without seeing this page's scores, and look for what else speaks for or against it.</p>`

export const STRANGERS_EXPLAINED =
  '<p class="soft">Strangers expected: how many faces of other people would score as high by chance among the faces searched. The fewer, the more a score says.</p>'

export const PROVENANCE =
  '<p class="soft">The training data and provenance of the model\'s weights are not stated by their publisher.</p>'

/** A face cut out of its photo, with a caption. @param photo path or bytes of the original; undefined when it cannot be had */
export async function picture(
  photo: string | Uint8Array | undefined,
  box: Box,
  caption: string,
  blurred = false,
): Promise<string> {
  const jpeg = photo === undefined ? undefined : await cutFace(photo, box, CUT_SIDE_PX, blurred)
  const shown =
    jpeg === undefined
      ? '<div class="missing">cannot be shown</div>'
      : `<img alt="${escapeHtml(caption)}" src="${dataUri(jpeg)}">`
  return `<figure>${shown}<figcaption>${escapeHtml(caption)}</figcaption></figure>`
}

/** Two pictures beside each other, and words. */
export function pair(left: string, right: string, words: string): string {
  return `<div class="pair">${left}${right}<div>${words}</div></div>`
}

/** Names and values; those without a value are left out. */
export function facts(rows: readonly (readonly [string, string | undefined])[]): string {
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`],
  )
  return `<dl>${lines.join('')}</dl>`
}

/** A probe's picture with what matters of its face. */
export function probeFacts({ file, sha256, face }: Probe): string {
  const advice = face.quality.advice.map((code) => `<p>${escapeHtml(ADVICE_SENTENCES[code])}</p>`).join('')
  return `${facts([
    ['File', printable(file)],
    ['SHA-256', sha256],
    ['Face', `${face.number}, counted from the left`],
    ['Eye distance', `${face.quality.interEyeDistancePx.toFixed(0)} pixels`],
    ['Quality', face.quality.unifiedScore.toFixed(2)],
  ])}${advice}`
}
