import type { FileProvenance } from '../sources/exif/file-provenance.ts'
import type { FoundCapture } from '../media/describe-captures.ts'
import type { FoundMedia } from '../media/describe-candidates.ts'

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
    provenance: media.provenance === undefined ? null : provenanceReply(media.provenance),
    remarks: media.remarks,
    collections: media.collections,
    video: media.video === undefined ? null : { ...media.video, note: media.video.note ?? null },
    sources: media.sources.map((source) => ({
      id: source.sourceId,
      collectionId: source.collectionId,
      name: source.name,
      sourceUrl: source.sourceUrl ?? null,
      capturedAt: source.capturedAt ?? null,
      collector: source.collector ?? null,
      licence: source.licence ?? null,
      note: source.note ?? null,
      importId: source.importId,
      importedAt: source.importedAt,
      capture: source.capture === undefined ? null : captureReply(source.capture),
    })),
  }
}

function captureReply(capture: FoundCapture) {
  const { archive, digest } = capture
  return {
    tool: capture.tool,
    recordId: capture.recordId ?? null,
    resourceUrl: capture.resourceUrl ?? null,
    capturedAt: capture.capturedAt ?? null,
    status: capture.status ?? null,
    headers: capture.headers,
    pages: capture.pages.map(({ url, title, how }) => ({ url, title: title ?? null, how })),
    digest: { verdict: digest.verdict, claimed: digest.claimed ?? null, observed: digest.observed ?? null },
    revisitOf: capture.revisitOf ?? null,
    other: capture.other,
    canReplay: capture.canReplay,
    archive:
      archive === undefined
        ? null
        : {
            ...archive,
            signedBy: archive.signedBy ?? null,
            signedAt: archive.signedAt ?? null,
            software: archive.software ?? null,
          },
  }
}

function provenanceReply({ time, manifest, ...facts }: FileProvenance) {
  return {
    time:
      time === undefined
        ? null
        : {
            original: time.original ?? null,
            offset: time.offset ?? null,
            gps: time.gps ?? null,
            offsetByGps: time.offsetByGps ?? null,
            zone: time.zone,
            digitised: time.digitised ?? null,
            modified: time.modified ?? null,
          },
    place: facts.place ?? null,
    altitudeM: facts.altitudeM ?? null,
    directionDegrees: facts.directionDegrees ?? null,
    exif: facts.exif ?? {},
    xmp: facts.xmp ?? {},
    iptc: facts.iptc ?? {},
    manifest: {
      state: manifest?.state ?? ('absent' as const),
      title: manifest?.title ?? null,
      generator: manifest?.generator ?? null,
      signer: manifest?.signer ?? null,
      signedAt: manifest?.signedAt ?? null,
      actions: manifest?.actions ?? [],
      problems: manifest?.problems ?? [],
    },
  }
}
