import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { MAX_TRACK_PROBES } from '../contract/video-endpoints.ts'
import { intersectionOverUnion } from '../engine/detect/detection.ts'
import type { Box } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { pictureOfMedia } from '../media/picture-of-media.ts'
import { addProbe } from './add-probe.ts'
import { type Probe } from './show-probes.ts'
import { findOpenCase } from './case-scope.ts'
import { trackFaces, videoCandidate, type TrackFace } from './video-of-candidate.ts'
import type { WorkContext } from '../media/work-context.ts'

/** Frames of a track that become probes lie at least this far apart, or they would be one picture several times. */
const APART_S = 1

/**
 * Takes a moment of a track into a case as a probe, or the best moments of the whole track, to be searched as one: the
 * probes are fused by the search as several photos of one subject are. Each is a still of the original; which frame of
 * which video it is stands beside it.
 * @param input.faceId one face of the track; undefined: the whole track
 * @returns the probes, and of each the face that the track follows
 * @throws AppError `not_allowed`, `not_found`, `no_face` when none is found again in the stills, as `addProbe`
 */
export async function addTrackProbes(
  ctx: WorkContext,
  actor: AccountActor,
  input: { caseId: string; searchId: string; rank: number; faceId: string | undefined; signal: AbortSignal },
): Promise<{ probes: string[]; faces: string[] }> {
  authorize(actor, 'probe.add')
  authorize(actor, 'search.read')
  const { db } = ctx.store
  await findOpenCase(db, actor, input.caseId)
  const { search, candidate, moment } = await videoCandidate(db, actor, input)
  if (search.case_id !== input.caseId) throw new AppError('not_found', 'The case has no such search.')
  const all = await trackFaces(db, moment.trackId)
  const wanted = input.faceId === undefined ? bestMoments(all) : all.filter(({ id }) => id === input.faceId)
  if (wanted.length === 0) throw new AppError('not_found', 'The track has no such face.')
  const probes: string[] = []
  const faces: string[] = []
  for (const face of wanted) {
    const photo = await pictureOfMedia(ctx, candidate.media, face.id, input.signal)
    const label = `${candidate.media.sources[0]?.name ?? candidate.media.sha256.slice(0, 12)} ${face.timeS.toFixed(2)} s`
    const probe = await addProbe(ctx, actor, {
      caseId: input.caseId,
      photo,
      label: label.slice(-LONGEST_LABEL),
      signal: input.signal,
    })
    await noteFrame(ctx, actor, probe, { mediaId: candidate.media_id, sha256: candidate.media.sha256, face })
    probes.push(probe.probe.id)
    const found = faceAt(probe, face.box)
    if (found !== undefined) faces.push(found)
  }
  if (faces.length === 0) {
    throw new AppError(
      'no_face',
      'The stills are probes of the case now, but no face was found in them again. Mark one by hand.',
    )
  }
  return { probes, faces }
}

const LONGEST_LABEL = 200

function bestMoments(faces: readonly TrackFace[]): TrackFace[] {
  const chosen: TrackFace[] = []
  for (const face of faces.toSorted((a, b) => b.quality.unifiedScore - a.quality.unifiedScore)) {
    if (chosen.length >= MAX_TRACK_PROBES) break
    if (chosen.every(({ timeS }) => Math.abs(timeS - face.timeS) >= APART_S)) chosen.push(face)
  }
  return chosen
}

/** Found again in the same pixels, the face stands where it stood. */
const SAME_PLACE = 0.5

function faceAt({ faces }: Probe, box: Box): string | undefined {
  const overlaps = faces.map((face) => ({
    id: face.id,
    overlap: intersectionOverUnion(JSON.parse(face.box) as Box, box),
  }))
  const best = overlaps.toSorted((a, b) => b.overlap - a.overlap)[0]
  return best !== undefined && best.overlap >= SAME_PLACE ? best.id : undefined
}

async function noteFrame(
  { store }: WorkContext,
  actor: AccountActor,
  { probe }: Probe,
  from: { mediaId: string; sha256: string; face: TrackFace },
): Promise<void> {
  await store.db.transaction().execute(async (tx) => {
    const frame = await tx
      .selectFrom('video_face')
      .innerJoin('video', 'video.media_id', 'video_face.media_id')
      .select(['pts', 'pixels_sha256', 'video.stream_index', 'video.ffmpeg_version'])
      .where('face_id', '=', from.face.id)
      .executeTakeFirst()
    if (frame === undefined) throw new AppError('not_found', 'The video was erased meanwhile.')
    const row = {
      probe_id: probe.id,
      media_sha256: from.sha256,
      stream_index: frame.stream_index,
      pts: frame.pts,
      time_s: from.face.timeS,
      pixels_sha256: frame.pixels_sha256,
      ffmpeg_version: frame.ffmpeg_version,
    }
    await tx.insertInto('probe_frame').values(withDigest('probe_frame', row)).execute()
    await appendAuditEvent(tx, actor, {
      action: 'probe.from_video',
      agencyId: actor.agencyId,
      subject: `probe ${probe.id}`,
      caseId: probe.case_id,
      details: { media: from.mediaId, sha256: from.sha256, timeS: from.face.timeS, pts: frame.pts },
    })
  })
}
