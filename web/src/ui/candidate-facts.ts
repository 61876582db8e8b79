import type { Reply } from '../api.ts'

export type Search = Reply<'showSearch'>
export type Candidate = Search['candidates'][number]

/** When the photo was taken: as its source says, else as the camera wrote. */
export function capturedAt({ media }: Candidate): string | undefined {
  const claimed = media?.sources.find((source) => source.capturedAt !== null)?.capturedAt
  return claimed ?? media?.exifCapturedAt ?? undefined
}

/** What the photo is called where it comes from. */
export function sourceName({ media }: Candidate): string | undefined {
  return media?.sources[0]?.name
}
