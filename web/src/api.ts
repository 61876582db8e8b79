import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ApiClient, type CallInput, type CallReply } from '../../src/contract/api-client.ts'
import { API_PREFIX, type EndpointName } from '../../src/contract/endpoints.ts'

export { ApiProblem } from '../../src/contract/api-client.ts'

/** The service that this page came from; the session is a cookie that scripts cannot read. */
export const api = new ApiClient({ server: '' })

/** What an operation replies, by the contract. */
export type Reply<Name extends EndpointName> = CallReply<Name>

/** A read: kept under the operation's name and its input. */
export function apiQuery<Name extends EndpointName>(name: Name, input: CallInput<Name>) {
  return queryOptions({
    queryKey: [name, input] as const,
    queryFn: ({ signal }) => api.call(name, { ...input, signal }),
  })
}

/** A change; afterwards the reads it makes stale are read again. */
export function useApi<Name extends EndpointName>(
  name: Name,
  stale: readonly EndpointName[] = [],
): UseMutationResult<CallReply<Name>, Error, CallInput<Name>> {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (input: CallInput<Name>) => api.call(name, input),
    onSuccess: async () => {
      await Promise.all(stale.map((read) => queryClient.invalidateQueries({ queryKey: [read] })))
    },
  })
}

/** Address of a probe's picture, at most `side` pixels long. The service writes down who looks. */
export function probePicture(probeId: string, side: number): string {
  return `${API_PREFIX}/probes/${probeId}/picture?side=${side}`
}

/** Address of a collection's photo, or of one face of it by its number. Sensitive ones are blurred unless revealed. */
export function mediaPicture(
  collectionId: string,
  mediaId: string,
  { side, face, reveal }: { side: number; face: number | undefined; reveal: boolean },
): string {
  const query = `side=${side}&reveal=${reveal ? 'yes' : 'no'}${face === undefined ? '' : `&face=${face}`}`
  return `${API_PREFIX}/collections/${collectionId}/media/${mediaId}/picture?${query}`
}

/** Address of the archived page on which a photo stood, for a locked-down frame; scrolled to the photo. */
export function mediaReplay(collectionId: string, mediaId: string, shown: ReplayedSource): string {
  return `${API_PREFIX}/collections/${collectionId}/media/${mediaId}/replay?${replayQuery(shown)}`
}

/** The same of a candidate. */
export function candidateReplay(searchId: string, rank: number, shown: ReplayedSource): string {
  return `${API_PREFIX}/searches/${searchId}/candidates/${rank}/replay?${replayQuery(shown)}`
}

/** Which page of which source, with pictures or without. */
export interface ReplayedSource {
  source: string
  page: number
  reveal: boolean
}

function replayQuery({ source, page, reveal }: ReplayedSource): string {
  return `source=${source}&page=${page}&reveal=${reveal ? 'yes' : 'no'}#likeness-picture`
}

/** Address of a candidate's picture: the face with a margin, or the whole. Sensitive ones are blurred unless revealed. */
export function candidatePicture(
  searchId: string,
  rank: number,
  { side, part, reveal }: { side: number; part: 'face' | 'whole'; reveal: boolean },
): string {
  const query = `side=${side}&part=${part}&reveal=${reveal ? 'yes' : 'no'}`
  return `${API_PREFIX}/searches/${searchId}/candidates/${rank}/picture?${query}`
}

/** Address of one face of the track of a video that a candidate stands for. */
export function trackPicture(searchId: string, rank: number, faceId: string, side: number): string {
  return `${API_PREFIX}/searches/${searchId}/candidates/${rank}/track/${faceId}?side=${side}`
}

/** Address of the copy of a candidate's video that browsers play. Sensitive ones are blurred unless revealed. */
export function candidateVideo(searchId: string, rank: number, reveal: boolean): string {
  return `${API_PREFIX}/searches/${searchId}/candidates/${rank}/video?reveal=${reveal ? 'yes' : 'no'}`
}

/** The same of a video of a collection. */
export function mediaVideo(collectionId: string, mediaId: string, reveal: boolean): string {
  return `${API_PREFIX}/collections/${collectionId}/media/${mediaId}/video?reveal=${reveal ? 'yes' : 'no'}`
}

/** Address of a picture of an examination or a line-up: the probe, or a compared face by its id. */
export function examinationPicture(
  kind: 'examinations' | 'lineups',
  id: string,
  { itemId, side, reveal }: { itemId: string | undefined; side: number; reveal: boolean },
): string {
  const which = itemId === undefined ? 'probe' : `items/${itemId}`
  return `${API_PREFIX}/${kind}/${id}/${which}/picture?side=${side}&reveal=${reveal ? 'yes' : 'no'}`
}

/** Address of a face that is linked with a person. */
export function personFacePicture(
  personId: string,
  faceId: string,
  { side, reveal }: { side: number; reveal: boolean },
): string {
  return `${API_PREFIX}/people/${personId}/faces/${faceId}/picture?side=${side}&reveal=${reveal ? 'yes' : 'no'}`
}

/** Address of the face in a photo of a person who is looked for. */
export function personPhotoPicture(
  { personId, id }: { personId: string; id: string },
  { side, reveal }: { side: number; reveal: boolean },
): string {
  return `${API_PREFIX}/people/${personId}/photos/${id}/picture?side=${side}&reveal=${reveal ? 'yes' : 'no'}`
}

/** Address of a file of the agency's people of a status. */
export function peopleFile(format: 'csv' | 'pfif', status: string): string {
  return `${API_PREFIX}/people/export?format=${format}&status=${status}`
}

/** Address of one side of an alert: the person, or the face found. Sensitive ones are blurred unless revealed. */
export function alertPicture(
  alertId: string,
  hitId: string,
  { which, part, side, reveal }: AlertPicture,
): string {
  const query = `which=${which}&side=${side}&part=${part}&reveal=${reveal ? 'yes' : 'no'}`
  return `${API_PREFIX}/alerts/${alertId}/hits/${hitId}/picture?${query}`
}

interface AlertPicture {
  which: 'person' | 'found'
  part: 'face' | 'whole'
  side: number
  reveal: boolean
}

/** Address of a report or of evidence, to be saved as a file. */
export function filePath(
  kind: 'reports' | 'transmittals',
  id: string,
  file: 'pdf' | 'json' | 'evidence',
): string {
  return `${API_PREFIX}/${kind}/${id}/${file}`
}
