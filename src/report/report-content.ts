import type { DerivationStep } from '../contract/derivation.ts'
import type { Analysis, ChecklistEntry, Conclusion } from '../contract/examination-words.ts'
import type {
  EvidenceKind,
  IdentificationState,
  RecipientKind,
  UnblindingRelation,
} from '../contract/identification-words.ts'
import type { FileProvenance } from '../sources/exif/file-provenance.ts'
import type { Box } from '../engine/types.ts'
import type { MethodErrors } from '../examination/measured-error.ts'
import type { Closeness } from '../identification/apart.ts'
import type { TimelineEntry } from '../identification/timeline.ts'
import type { KeptRemark } from '../store/photo-remarks.ts'
import type { Verdict } from '../store/tables/archive-tables.ts'
import type { NotifiedParty } from '../identification/notified-parties.ts'

export const REPORT_FORMAT = 'likeness-report-1'

/** One picture that the report rests on. */
export interface ReportMaterial {
  sha256: string
  widthPx: number
  heightPx: number
  /** Number of the face in the picture, from 1, left to right, and its box in pixels of the picture after the steps. */
  face: { number: number; box: Box; origin: 'detector' | 'examiner'; quality: Record<string, unknown> }
  /** How the file was read, when not whole; absent in older reports. */
  remarks?: KeptRemark[]
  /** Which frame of which video the picture is; without it, a photo. */
  frame?: ReportFrame
}

/** By these another expert makes the same still from the original. */
export interface ReportFrame {
  videoSha256: string
  /** Presentation time, seconds from the beginning. */
  timeS: number
  /** The same in the stream's own units. */
  pts: number
  streamIndex: number
  /** SHA-256 of the frame's pixels, upright, 8-bit RGB. */
  pixelsSha256: string
  /** Track of the video; undefined for a probe. */
  track?: number
  ffmpeg: string
}

/** What an archive or a tool says of a source, with what checking it came to. */
export interface ReportCapture {
  tool: string
  page: string | null
  pageTitle: string | null
  resource: string | null
  capturedAt: string | null
  recordId: string | null
  digestVerdict: Verdict
  digestClaimed: string | null
  digestObserved: string | null
  archive: {
    name: string
    sha256: string
    packageVerdict: Verdict
    signatureVerdict: Verdict
    signedBy: string | null
    signedAt: string | null
    software: string | null
    problems: string[]
  } | null
}

/** One compared face of an examination, with what was found. */
export interface ReportComparison {
  position: number
  role: 'candidate' | 'filler'
  checklist: ChecklistEntry[]
  evaluation: string
  conclusion: Conclusion | null
}

export interface ReportExamination {
  id: string
  kind: 'first' | 'verification'
  /** 1 for first examinations, 2 and 3 for verifiers. */
  round: 1 | 2 | 3
  examiner: string
  begunAt: string
  finishedAt: string
  supersedesId: string | null
  isSuperseded: boolean
  analysis: Analysis
  items: ReportComparison[]
}

export interface ReportVerification {
  id: string
  round: 2 | 3
  verifier: string
  assignedBy: string | null
  takenAt: string
  finishedAt: string
  outcome: string
  fillersChosen: number
  /** What orders the line-up: faces sorted by SHA-256 of seed, line feed, face id. */
  seed: string
  /** Similarity from which faces were left out, as they may be the same person. */
  ceiling: number
  qualityBand: number
  pool: number
  faces: {
    position: number
    role: 'candidate' | 'filler'
    faceId: string
    mediaSha256: string | null
    similarity: number
    quality: number
    conclusion: Conclusion | null
  }[]
}

/** Everything a report says; sections are hashed one by one, so that a change names where it is. */
export interface ReportContent {
  format: typeof REPORT_FORMAT
  about: {
    reportId: string
    identificationId: string
    language: 'en' | 'uk'
    madeAt: string
    madeBy: string
    agency: string
    recipient: { kind: RecipientKind; name: string }
    /** Why pictures are blurred for this recipient. */
    protectedPicturesBlurred: boolean
  }
  question: {
    caseNumber: string
    purpose: string
    legalBasis: string
    personId: string | null
    personNames: string[]
    concernsDead: boolean
  }
  material: {
    probe: ReportMaterial & {
      id: string
      format: string
      byteLength: number
      label: string | null
      addedBy: string
      addedAt: string
    }
    candidate:
      | (ReportMaterial & {
          mediaId: string
          exifCapturedAt: string | null
          collections: string[]
          sources: {
            name: string
            sourceUrl: string | null
            capturedAt: string | null
            collector: string | null
            licence: string | null
            importedAt: string
            /** What the archive or tool that held it says; absent in older reports. */
            capture?: ReportCapture | null
          }[]
          /** What the file says of itself; absent in older reports. */
          fileSays?: FileProvenance | null
        })
      | null
  }
  derivation: { steps: DerivationStep[]; pixelsSha256: string | null }
  software: {
    likeness: string
    programSha256: string
    node: string
    libraries: Record<string, string>
    pack: {
      id: string
      pipelineVersion: string
      title: string | null
      licence: string | null
      /** What is known of where its networks come from; absent in older reports. */
      provenance?: string | null
    }
    models: { path: string; sha256: string; bytes: number }[]
  }
  search: {
    id: string
    at: string
    searchedBy: string
    /** Of one that its reader's agency may not see (any more) only that it was searched. */
    collections: { id: string | null; title: string | null }[]
    parameters: Record<string, unknown>
    threshold: number
    gallerySize: number
    facesUndated: number
    probeFaces: number
    probeAgreement: number | null
    more: boolean
    listSha256: string
    examinedRank: number
    candidates: {
      rank: number
      faceId: string
      mediaSha256: string | null
      similarity: number
      strangersExpected: number | null
      /** Rarer than was measured: fewer strangers than the number says. Not in reports of before. */
      extrapolated?: boolean
    }[]
  }
  calibration: Record<string, unknown>
  examinations: ReportExamination[]
  verifications: ReportVerification[]
  /** Line-ups that are void: one of their pictures came back to be compared while they were open. Not in reports of before. */
  voidLineups?: {
    verificationId: string
    verifier: string
    at: string
    by: string
    relation: UnblindingRelation
    means: string
    operation: string
  }[]
  evidence: {
    kind: EvidenceKind
    description: string
    reference: string | null
    laboratory: string | null
    recordedBy: string
    recordedAt: string
    retracted: boolean
  }[]
  conclusion: {
    state: IdentificationState
    first: Conclusion | null
    signed: { by: string; at: string; statement: string } | null
    closed: { as: string; by: string; at: string; reason: string } | null
    withdrawn: { by: string; at: string; reason: string; told: NotifiedParty[] } | null
    words: string
    caution: string
  }
  errorRates: MethodErrors
  people: TimelineEntry[]
  /** Decisions that look as if one person had made both. Not in reports of before. */
  closeness?: Closeness[]
  audit: {
    events: {
      seq: number
      at: string
      actor: string
      action: string
      subject: string | null
      outcome: string
      chainHash: string
    }[]
    checkpoint: { seq: number; chainHash: string; at: string; keyId: string; signature: string } | null
  }
}

/** A picture that goes with a report. */
export interface ReportPicture {
  name: 'probe-face' | 'candidate-face' | 'probe-photo' | 'candidate-photo'
  /** JPEG. */
  bytes: Uint8Array
  blurred: boolean
}
