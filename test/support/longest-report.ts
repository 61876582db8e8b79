import type { z } from 'zod'
import { endpoints } from '../../src/contract/endpoints.ts'
import { FACIAL_FEATURES } from '../../src/contract/examination-words.ts'
import type { ReportContent, ReportMaterial } from '../../src/report/report-content.ts'

/** One letter of each script that is set from left to right. */
const LETTERS = 'жwλệაհ王さ한กລកမঅஅअఅಅഅઅਅඅአ'
const TIME = '2026-11-30T09:15:00.000Z'
const HASH = 'ab'.repeat(32)
/** Longest text that is kept of what a file says of itself; see file-provenance.ts. */
const LONGEST_TAG = 1000

/** Free texts of requests that end in a report: every string of their bodies and queries that people write. */
const WRITTEN = [
  ['createAgency', 'body'],
  ['createCase', 'body'],
  ['createPerson', 'body'],
  ['createCollection', 'body'],
  ['importFile', 'query'],
  ['addProbe', 'query'],
  ['invite', 'body'],
  ['writeAnalysis', 'body'],
  ['writeComparison', 'body'],
  ['addEvidence', 'body'],
  ['retractEvidence', 'body'],
  ['signIdentification', 'body'],
  ['closeIdentification', 'body'],
  ['withdrawIdentification', 'body'],
  ['makeReport', 'body'],
] as const

/** Longest value of each text of those requests, from the contract: `addEvidence.description` to 4,000. */
export function longestWritten(): Map<string, number> {
  const found = new Map<string, number>()
  for (const [name, part] of WRITTEN) {
    const endpoint = endpoints[name] as { body?: z.ZodType; query?: z.ZodType }
    walk(endpoint[part], name, found)
  }
  return found
}

interface Definition {
  type: string
  shape?: Record<string, z.ZodType>
  innerType?: z.ZodType
  element?: z.ZodType
  in?: z.ZodType
  options?: z.ZodType[]
}

function walk(schema: z.ZodType | undefined, name: string, found: Map<string, number>): void {
  if (schema === undefined) return
  const definition = schema.def as unknown as Definition
  const { maxLength } = schema as { maxLength?: number | null }
  if (definition.type === 'string' && typeof maxLength === 'number') found.set(name, maxLength)
  for (const [key, inner] of Object.entries(definition.shape ?? {})) walk(inner, `${name}.${key}`, found)
  for (const inner of [definition.innerType, definition.element, definition.in]) walk(inner, name, found)
  for (const inner of definition.options ?? []) walk(inner, name, found)
}

const material = (): ReportMaterial => ({
  sha256: HASH,
  widthPx: 4000,
  heightPx: 3000,
  face: { number: 1, box: { x: 1, y: 2, width: 3, height: 4 }, origin: 'detector', quality: {} },
  remarks: [{ kind: 'more_pictures', count: 3 }],
})

/**
 * A report in which each text is as long as the contract allows, and what stands in it.
 * @returns `used`: which texts of {@link longestWritten} it has; `words`: each text's words, none of them twice
 */
export function longestReport(): { content: ReportContent; used: Set<string>; words: Map<string, string[]> } {
  const limits = longestWritten()
  const used = new Set<string>()
  const words = new Map<string, string[]>()
  const fill = (name: string, length: number): string => {
    const at = words.size
    const own: string[] = []
    let left = length
    for (let number = 0; ; number++) {
      const word = `${at}${Array.from(LETTERS)[number % Array.from(LETTERS).length]}${number}.`
      if (word.length + 1 > left) break
      own.push(word)
      left -= word.length + 1
    }
    own.push('я'.repeat(Math.max(1, left)))
    words.set(`${name} ${at}`, own)
    return own.join(' ')
  }
  const written = (name: string): string => {
    used.add(name)
    return fill(name, limits.get(name)!)
  }
  const by = (): string => written('invite.name')
  const content: ReportContent = {
    ...frameOfReport(),
    about: {
      reportId: '01234567-0000-7000-8000-000000000000',
      identificationId: '01234567-0000-7000-8000-000000000001',
      language: 'uk',
      madeAt: TIME,
      madeBy: by(),
      agency: written('createAgency.name'),
      recipient: { kind: 'court', name: written('makeReport.recipient') },
      protectedPicturesBlurred: true,
    },
    question: {
      caseNumber: written('createCase.number'),
      purpose: 'missing_person',
      legalBasis: written('createCase.legalBasis'),
      personId: null,
      personNames: [
        written('createPerson.names.written'),
        // A name that is written in parts is made of them.
        ['family', 'given', 'patronymic'].map((part) => written(`createPerson.names.${part}`)).join(' '),
      ],
      concernsDead: true,
    },
    material: {
      probe: {
        ...material(),
        id: 'probe',
        format: 'jpeg',
        byteLength: 1,
        label: written('addProbe.label'),
        addedBy: by(),
        addedAt: TIME,
      },
      candidate: {
        ...material(),
        mediaId: 'media',
        exifCapturedAt: TIME,
        collections: [written('createCollection.title')],
        sources: [
          {
            name: written('importFile.name'),
            sourceUrl: written('importFile.sourceUrl'),
            capturedAt: written('importFile.capturedAt'),
            collector: written('importFile.collector'),
            licence: written('importFile.licence'),
            importedAt: TIME,
            capture: captureWith(fill),
          },
        ],
        fileSays: {
          manifest: {
            state: 'valid',
            generator: fill('generator', LONGEST_TAG),
            signer: fill('signer', LONGEST_TAG),
          },
        },
      },
    },
    examinations: [
      {
        id: 'examination',
        kind: 'first',
        round: 1,
        examiner: by(),
        begunAt: TIME,
        finishedAt: TIME,
        supersedesId: null,
        isSuperseded: false,
        analysis: { isSuitable: true, limits: ['blurred'], note: written('writeAnalysis.analysis.note') },
        items: [
          {
            position: 1,
            role: 'candidate',
            checklist: FACIAL_FEATURES.map((feature) => ({
              feature,
              finding: 'similar',
              note: written('writeComparison.checklist.note'),
              probeRegion: null,
              comparedRegion: null,
            })),
            evaluation: written('writeComparison.evaluation'),
            conclusion: 'same_strong',
          },
        ],
      },
    ],
    evidence: [
      {
        kind: 'dna',
        description: written('addEvidence.description'),
        reference: written('addEvidence.reference'),
        laboratory: written('addEvidence.laboratory'),
        recordedBy: by(),
        recordedAt: TIME,
        retracted: false,
      },
    ],
    conclusion: {
      state: 'withdrawn',
      first: 'same_strong',
      signed: { by: by(), at: TIME, statement: written('signIdentification.statement') },
      closed: { as: 'rejected', by: by(), at: TIME, reason: written('closeIdentification.reason') },
      withdrawn: {
        by: by(),
        at: TIME,
        reason: written('withdrawIdentification.reason'),
        told: [
          {
            by: 'report',
            id: 'report',
            recipientKind: 'court',
            recipient: written('makeReport.recipient'),
            at: TIME,
            givenBy: 'x',
            receivedBy: null,
          },
        ],
      },
      words: 'words',
      caution: 'caution',
    },
    people: [
      { at: TIME, kind: 'closed', by: by(), about: null, what: written('closeIdentification.reason') },
      {
        at: TIME,
        kind: 'evidence_retracted',
        by: by(),
        about: null,
        what: written('retractEvidence.reason'),
      },
    ],
  }
  return { content, used, words }
}

type Fill = (name: string, length: number) => string
type Capture = NonNullable<NonNullable<ReportContent['material']['candidate']>['sources'][number]['capture']>

function captureWith(fill: Fill): Capture {
  return {
    tool: 'warc',
    page: fill('page', 2000),
    pageTitle: fill('pageTitle', 1000),
    resource: fill('resource', 2000),
    capturedAt: TIME,
    recordId: 'record',
    digestVerdict: 'valid',
    digestClaimed: null,
    digestObserved: null,
    archive: {
      name: fill('archive', 200),
      sha256: HASH,
      packageVerdict: 'valid',
      signatureVerdict: 'valid',
      signedBy: fill('signedBy', 200),
      signedAt: TIME,
      software: fill('software', 200),
      problems: [fill('problem', 1000)],
    },
  }
}

/** The sections in which people write nothing. */
function frameOfReport() {
  const rate = { count: 0, of: 0, rate: undefined, low: 0, high: 1 }
  return {
    format: 'likeness-report-1' as const,
    derivation: { steps: [], pixelsSha256: null },
    software: {
      likeness: '0.1.0',
      programSha256: HASH,
      node: '24',
      libraries: {},
      pack: { id: 'pack', pipelineVersion: '1', title: null, licence: null },
      models: [],
    },
    search: {
      id: 'search',
      at: TIME,
      searchedBy: 'x',
      collections: [],
      parameters: {},
      threshold: 0.3,
      gallerySize: 1,
      facesUndated: 0,
      probeFaces: 1,
      probeAgreement: null,
      more: false,
      listSha256: HASH,
      examinedRank: 1,
      candidates: [],
    },
    calibration: {},
    verifications: [],
    errorRates: { lineups: 0, concordant: 0, discordant: 0, fillerChosen: rate, perFiller: rate },
    audit: { events: [], checkpoint: null },
  }
}
