import { addressOf } from './address-of.ts'

// The service writes down who looks at a picture. Sensitive ones are blurred unless revealed.

const yesOrNo = (reveal: boolean): 'yes' | 'no' => (reveal ? 'yes' : 'no')

/** Address of a probe's picture, at most `side` pixels long. */
export function probePicture(probeId: string, side: number): string {
  return addressOf('showProbePicture', { params: { id: probeId }, query: { side } })
}

/** Address of a collection's photo, or of one face of it by its number. */
export function mediaPicture(
  collectionId: string,
  mediaId: string,
  { side, face, reveal }: { side: number; face: number | undefined; reveal: boolean },
): string {
  const params = { id: collectionId, mediaId }
  return addressOf('showMediaPicture', { params, query: { side, reveal: yesOrNo(reveal), face } })
}

/** Address of the archived page on which a photo stood, for a locked-down frame; scrolled to the photo. */
export function mediaReplay(collectionId: string, mediaId: string, shown: ReplayedSource): string {
  const params = { id: collectionId, mediaId }
  return `${addressOf('replayMediaPage', { params, query: replayed(shown) })}${SCROLLED}`
}

/** The same of a candidate. */
export function candidateReplay(searchId: string, rank: number, shown: ReplayedSource): string {
  const params = { id: searchId, rank }
  return `${addressOf('replayCandidatePage', { params, query: replayed(shown) })}${SCROLLED}`
}

/** Which page of which source, with pictures or without. */
export interface ReplayedSource {
  source: string
  page: number
  reveal: boolean
}

/** Where the picture stands in a page that is replayed. */
const SCROLLED = '#likeness-picture'

function replayed({ reveal, ...shown }: ReplayedSource): {
  source: string
  page: number
  reveal: 'yes' | 'no'
} {
  return { ...shown, reveal: yesOrNo(reveal) }
}

/** Address of a candidate's picture: the face with a margin, or the whole. */
export function candidatePicture(
  searchId: string,
  rank: number,
  { side, part, reveal }: { side: number; part: 'face' | 'whole'; reveal: boolean },
): string {
  const params = { id: searchId, rank }
  return addressOf('showCandidatePicture', { params, query: { side, part, reveal: yesOrNo(reveal) } })
}

/** Address of one face of the track of a video that a candidate stands for. */
export function trackPicture(searchId: string, rank: number, faceId: string, side: number): string {
  return addressOf('showTrackPicture', { params: { id: searchId, rank, faceId }, query: { side } })
}

/** Address of the copy of a candidate's video that browsers play. */
export function candidateVideo(searchId: string, rank: number, reveal: boolean): string {
  const params = { id: searchId, rank }
  return addressOf('playCandidateVideo', { params, query: { reveal: yesOrNo(reveal) } })
}

/** The same of a video of a collection. */
export function mediaVideo(collectionId: string, mediaId: string, reveal: boolean): string {
  const params = { id: collectionId, mediaId }
  return addressOf('playMediaVideo', { params, query: { reveal: yesOrNo(reveal) } })
}

/** Address of a picture of an examination or a line-up: the probe, or a compared face by its id. */
export function examinationPicture(
  kind: 'examinations' | 'lineups',
  id: string,
  { itemId, side, reveal }: { itemId: string | undefined; side: number; reveal: boolean },
): string {
  const query = { side, reveal: yesOrNo(reveal) }
  const isLineup = kind === 'lineups'
  if (itemId === undefined)
    return addressOf(isLineup ? 'showLineupProbe' : 'showExaminationProbe', { params: { id }, query })
  return addressOf(isLineup ? 'showLineupItem' : 'showExaminationItem', { params: { id, itemId }, query })
}

/** Address of a face that is linked with a person. */
export function personFacePicture(
  personId: string,
  faceId: string,
  { side, reveal }: { side: number; reveal: boolean },
): string {
  const params = { id: personId, faceId }
  return addressOf('showPersonFace', { params, query: { side, reveal: yesOrNo(reveal) } })
}

/** Address of the face in a photo of a person who is looked for. */
export function personPhotoPicture(
  { personId, id }: { personId: string; id: string },
  { side, reveal }: { side: number; reveal: boolean },
): string {
  const params = { id: personId, photoId: id }
  return addressOf('showPersonPhoto', { params, query: { side, reveal: yesOrNo(reveal) } })
}

/** Address of one side of an alert: the person, or the face found. */
export function alertPicture(
  alertId: string,
  hitId: string,
  { which, part, side, reveal }: AlertPicture,
): string {
  const params = { id: alertId, hitId }
  return addressOf('showAlertPicture', { params, query: { which, side, part, reveal: yesOrNo(reveal) } })
}

interface AlertPicture {
  which: 'person' | 'found'
  part: 'face' | 'whole'
  side: number
  reveal: boolean
}
