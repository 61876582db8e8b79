import type { RefusalReason } from '../refusal.ts'
import type { ArchiveKind } from '../../store/tables/archive-tables.ts'
import type { ArchiveFacts, ClaimedDigest, IndexedRecord, Place } from './capture.ts'
import type { SurveyedItem } from './surveyed-item.ts'
import type { ReplayPage, ReplayRequest } from './replay-page.ts'

/** Where the thread reads an archive: a file, or an original of the vault whose bytes it asks for, by the number of its opener. */
export type ArchiveLocation = { file: string } | { vault: number; byteLength: number }

/** What the thread that reads archives can be asked, and what it answers. */
export interface ArchiveCalls {
  detect: { ask: { location: ArchiveLocation }; answer: ArchiveKind | undefined }
  survey: { ask: { location: ArchiveLocation; kind: ArchiveKind; name: string }; answer: ArchiveFacts }
  records: { ask: { from: number; count: number }; answer: IndexedRecord[] }
  items: { ask: { from: number; count: number }; answer: SurveyedItem[] }
  read: {
    ask: {
      location: ArchiveLocation
      kind: 'warc' | 'mhtml'
      place: Place
      surveyed: ClaimedDigest['verdict']
    }
    answer: Uint8Array
  }
  /** Before the thread is ended: files are let go in order. */
  close: { ask: Record<string, never>; answer: undefined }
  replay: { ask: { location: ArchiveLocation; request: ReplayRequest }; answer: ReplayPage }
}

export type ArchiveCall = {
  [Name in keyof ArchiveCalls]: { name: Name; ask: ArchiveCalls[Name]['ask'] }
}[keyof ArchiveCalls]

export interface CallMessage {
  number: number
  call: ArchiveCall
}

/** From the thread: an answer, a fault, a sign of life, or bytes that it needs. */
export type ThreadMessage =
  | { kind: 'answer'; number: number; answer: unknown }
  | { kind: 'fault'; number: number; reason: RefusalReason; message: string }
  | { kind: 'alive' }
  | { kind: 'need'; request: number; vault: number; from: number; length: number }

/** To the thread: the bytes that it needed; undefined when they could not be read. */
export interface BytesMessage {
  request: number
  bytes: Uint8Array | undefined
}
