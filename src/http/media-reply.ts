import type { FoundMedia } from '../search/describe-candidates.ts'

/** What is known of a photo, as replies have it. */
export function mediaReply(media: Omit<FoundMedia, 'faces'>) {
  return {
    format: media.format,
    byteLength: media.byteLength,
    widthPx: media.widthPx,
    heightPx: media.heightPx,
    sha256: media.sha256,
    sensitive: media.sensitive,
    exifCapturedAt: media.exifCapturedAt ?? null,
    exifDevice: media.exifDevice ?? null,
    exifPlace: media.exifPlace ?? null,
    collections: media.collections,
    video: media.video === undefined ? null : { ...media.video, note: media.video.note ?? null },
    sources: media.sources.map((source) => ({
      collectionId: source.collectionId,
      name: source.name,
      sourceUrl: source.sourceUrl ?? null,
      capturedAt: source.capturedAt ?? null,
      collector: source.collector ?? null,
      licence: source.licence ?? null,
      note: source.note ?? null,
      importId: source.importId,
      importedAt: source.importedAt,
    })),
  }
}
