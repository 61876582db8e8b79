import { hash } from 'node:crypto'
import type { CandidateTable } from './search-tables.ts'

/** SHA-256 of a candidate list, in rank order. */
export function listHash(candidates: readonly CandidateTable[]): string {
  const list = candidates.map(({ rank, face_id, media_id, similarity, strangers_expected }) => [
    rank,
    face_id,
    media_id,
    similarity,
    strangers_expected,
  ])
  return hash('sha256', JSON.stringify(list))
}
