import { singlesLast } from './singles-last.ts'
import { sourceName, type Candidate } from '../../ui/candidate-facts.ts'

export type Grouping = 'none' | 'person' | 'photo' | 'collection'

export interface CandidateGroup {
  key: string
  title: string
  candidates: Candidate[]
}

/**
 * Candidates that belong together, in the order of each group's best rank. By person: those that people have linked with
 * the same one, and for the others those on the same photo; photos with one candidate each stand in one group at the end,
 * since a group a photo would be no grouping.
 */
export function groupCandidates(
  candidates: readonly Candidate[],
  grouping: Grouping,
  { unknown, rest }: { unknown: string; rest: string },
): CandidateGroup[] {
  const placeOf = (candidate: Candidate): { key: string; title: string } => {
    const { person, mediaId, media } = candidate
    if (grouping === 'none') return { key: '', title: '' }
    if (grouping === 'person' && person !== null)
      return { key: person.id, title: person.name ?? person.ref ?? unknown }
    if (grouping === 'collection') {
      const title = media?.collections[0]?.title ?? unknown
      return { key: title, title }
    }
    return { key: mediaId, title: sourceName(candidate) ?? unknown }
  }
  const groups = new Map<string, CandidateGroup>()
  for (const candidate of candidates) {
    const { key, title } = placeOf(candidate)
    const group = groups.get(key) ?? { key, title, candidates: [] }
    groups.set(key, group)
    group.candidates.push(candidate)
  }
  const all = [...groups.values()]
  return grouping === 'person' ? singlesLast(all, rest) : all
}
