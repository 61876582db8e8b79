import { agencyOf } from '../actor/policy.ts'
import type { AccountActor } from '../actor/actor.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { DerivationStep } from '../contract/derivation.ts'
import type { Analysis, ChecklistEntry } from '../contract/examination-words.ts'
import type { Box } from '../engine/types.ts'
import type { Lineup } from '../examination/choose-fillers.ts'
import { methodErrors } from '../examination/measured-error.ts'
import { closenessOf } from '../identification/apart.ts'
import { factsOf, readStanding, type ExaminationWork, type Standing } from '../identification/standing.ts'
import { timelineOf } from '../identification/timeline.ts'
import { endsOf } from '../identification/ends-of-lead.ts'
import { notifiedParties } from '../identification/notified-parties.ts'
import { namesOf } from '../store/person-names.ts'
import { frameOfCandidate, frameOfProbe } from './report-frame.ts'
import { describeMedia } from '../media/describe-candidates.ts'
import { strangersOfSearch } from '../search/score-meaning.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { SearchTable } from '../store/tables/search-tables.ts'
import { remarksOf } from '../store/photo-remarks.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { auditExcerpt } from './audit-excerpt.ts'
import type { FoundCapture } from '../media/describe-captures.ts'
import type { ReportCapture, ReportContent, ReportExamination, ReportVerification } from './report-content.ts'
import { REPORT_FORMAT } from './report-content.ts'
import { reportTexts } from './texts/report-texts.ts'

export interface GatherInput {
  row: IdentificationTable
  about: ReportContent['about']
  software: ReportContent['software']
  calibration: ReportContent['calibration']
}

/** Reads everything that a report says from the record, as it stands now. */
export async function gatherReport(
  db: Db,
  actor: AccountActor,
  { row, about, software, calibration }: GatherInput,
): Promise<ReportContent> {
  const standing = await readStanding(db, row)
  const told = await notifiedParties(db, row.id)
  const caseFile = await db
    .selectFrom('case_file')
    .selectAll()
    .where('id', '=', row.case_id)
    .executeTakeFirstOrThrow()
  const found = await db
    .selectFrom('search')
    .selectAll()
    .where('id', '=', row.search_id)
    .executeTakeFirstOrThrow()
  const search = checkedRow('search', found, found.id)
  const names = row.person_id === null ? undefined : await namesOf(db, [row.person_id])
  const { probe, derivation } = await probeMaterial(db, row)
  return {
    format: REPORT_FORMAT,
    about,
    question: {
      caseNumber: caseFile.number,
      purpose: caseFile.purpose,
      legalBasis: caseFile.legal_basis,
      personId: row.person_id,
      personNames: names?.get(row.person_id!) ?? [],
      concernsDead: row.concerns_dead === 1,
    },
    material: { probe, candidate: await candidateMaterial(db, actor, row) },
    derivation,
    software,
    search: await searchSection(db, row, search),
    calibration: { ...calibration, ...(JSON.parse(search.scores) as object) },
    examinations: examinationsOf(standing),
    verifications: await verificationsOf(db, standing),
    voidLineups: standing.unblindings.map((row) => ({
      verificationId: row.verification_id,
      verifier: standing.verifications.find(({ id }) => id === row.verification_id)!.verifier!,
      at: row.at,
      by: row.account,
      relation: row.relation,
      means: row.means,
      operation: row.operation,
    })),
    evidence: standing.corroborations.map((entry) => ({
      kind: entry.kind,
      description: entry.description,
      reference: entry.reference,
      laboratory: entry.laboratory,
      recordedBy: entry.recorded_by,
      recordedAt: entry.recorded_at,
      retracted: entry.retracted_at !== null,
    })),
    conclusion: conclusionOf(standing, about.language),
    errorRates: await methodErrors(db, row.agency_id),
    people: timelineOf(standing, told),
    closeness: await closenessOf(db, standing),
    audit: await auditExcerpt(db, standing),
  }
}

async function probeMaterial(
  db: Db,
  row: IdentificationTable,
): Promise<{ probe: ReportContent['material']['probe']; derivation: ReportContent['derivation'] }> {
  const face = await db
    .selectFrom('probe_face')
    .selectAll()
    .where('id', '=', row.probe_face_id)
    .executeTakeFirstOrThrow()
  const found = await db
    .selectFrom('probe')
    .selectAll()
    .where('id', '=', face.probe_id)
    .executeTakeFirstOrThrow()
  const probe = checkedRow('probe', found, found.id)
  return {
    probe: {
      id: probe.id,
      sha256: probe.sha256,
      format: probe.format,
      byteLength: probe.byte_length,
      widthPx: probe.width_px,
      heightPx: probe.height_px,
      label: probe.label,
      addedBy: probe.added_by,
      addedAt: probe.added_at,
      face: {
        number: face.number,
        box: JSON.parse(face.box) as Box,
        origin: face.origin,
        quality: JSON.parse(face.quality) as Record<string, unknown>,
      },
      remarks: (await remarksOf(db, [probe.sha256])).get(probe.sha256) ?? [],
      ...(await frameOfProbe(db, probe.id)),
    },
    derivation: {
      steps: JSON.parse(probe.steps) as DerivationStep[],
      pixelsSha256: probe.pixels_sha256,
    },
  }
}

async function candidateMaterial(
  db: Db,
  actor: AccountActor,
  row: IdentificationTable,
): Promise<ReportContent['material']['candidate']> {
  const agencyId = agencyOf(actor)
  const found = await db.selectFrom('face').selectAll().where('id', '=', row.face_id).executeTakeFirst()
  const collections = await searchableCollections(db, agencyId, undefined)
  const media = (await describeMedia(db, new Map([[row.media_id, null]]), { collections, agencyId })).get(
    row.media_id,
  )
  if (found === undefined || media === undefined || media.collections.length === 0) return null
  const face = checkedRow('face', found, found.id)
  return {
    mediaId: media.mediaId,
    sha256: media.sha256,
    widthPx: media.widthPx,
    heightPx: media.heightPx,
    exifCapturedAt: media.exifCapturedAt ?? null,
    collections: media.collections.map(({ title }) => title),
    sources: media.sources.map((source) => ({
      name: source.name,
      sourceUrl: source.sourceUrl ?? null,
      capturedAt: source.capturedAt ?? null,
      collector: source.collector ?? null,
      licence: source.licence ?? null,
      importedAt: source.importedAt,
      capture: source.capture === undefined ? null : reportCapture(source.capture),
    })),
    fileSays: media.provenance ?? null,
    face: {
      number: face.number,
      box: { x: face.box_x_px, y: face.box_y_px, width: face.box_width_px, height: face.box_height_px },
      origin: face.origin,
      quality: JSON.parse(face.quality) as Record<string, unknown>,
    },
    remarks: media.remarks,
    ...(await frameOfCandidate(db, face.id, media.sha256)),
  }
}

function reportCapture({ archive, digest, pages, ...capture }: FoundCapture): ReportCapture {
  return {
    tool: capture.tool,
    page: pages[0]?.url ?? null,
    pageTitle: pages[0]?.title ?? null,
    resource: capture.resourceUrl ?? null,
    capturedAt: capture.capturedAt ?? null,
    recordId: capture.recordId ?? null,
    digestVerdict: digest.verdict,
    digestClaimed: digest.claimed ?? null,
    digestObserved: digest.observed ?? null,
    archive:
      archive === undefined
        ? null
        : {
            name: archive.name,
            sha256: archive.sha256,
            packageVerdict: archive.packageVerdict,
            signatureVerdict: archive.signatureVerdict,
            signedBy: archive.signedBy ?? null,
            signedAt: archive.signedAt ?? null,
            software: archive.software ?? null,
            problems: archive.problems,
          },
  }
}

async function searchSection(
  db: Db,
  row: IdentificationTable,
  search: SearchTable,
): Promise<ReportContent['search']> {
  const candidates = await db
    .selectFrom('candidate')
    .leftJoin('media', 'media.id', 'candidate.media_id')
    .selectAll('candidate')
    .select('media.sha256')
    .where('search_id', '=', search.id)
    .orderBy('rank')
    .execute()
  return {
    id: search.id,
    at: search.at,
    searchedBy: search.searched_by,
    collections: JSON.parse(search.collections) as { id: string; title: string }[],
    parameters: JSON.parse(search.parameters) as Record<string, unknown>,
    threshold: search.threshold,
    gallerySize: search.faces_searched,
    facesUndated: search.faces_undated,
    probeFaces: (JSON.parse(search.probe_faces) as string[]).length,
    probeAgreement: search.probe_agreement,
    more: search.more === 1,
    listSha256: search.list_sha256,
    examinedRank: row.rank,
    candidates: candidates.map((candidate) => {
      const strangers = strangersOfSearch(search, candidate.strangers_expected)
      return {
        rank: candidate.rank,
        faceId: candidate.face_id,
        mediaSha256: candidate.sha256,
        similarity: candidate.similarity,
        strangersExpected: strangers?.value ?? null,
        extrapolated: strangers?.extrapolated ?? false,
      }
    }),
  }
}

/** Finished ones: drafts are nobody's conclusion. */
function examinationsOf({ examinations, verifications }: Standing): ReportExamination[] {
  const superseded = new Set(
    examinations.flatMap(({ examination }) =>
      examination.finished_at === null ? [] : (examination.supersedes_id ?? []),
    ),
  )
  return examinations
    .filter(({ examination }) => examination.finished_at !== null)
    .map(({ examination, items }) => ({
      id: examination.id,
      kind: examination.verification_id === null ? 'first' : 'verification',
      round: verifications.find(({ id }) => id === examination.verification_id)?.round ?? 1,
      examiner: examination.examiner,
      begunAt: examination.begun_at,
      finishedAt: examination.finished_at!,
      supersedesId: examination.supersedes_id,
      isSuperseded: superseded.has(examination.id),
      analysis: JSON.parse(examination.analysis!) as Analysis,
      items: items.map(({ position, role, checklist, evaluation, conclusion }) => ({
        position,
        role,
        checklist: JSON.parse(checklist) as ChecklistEntry[],
        evaluation,
        conclusion,
      })),
    }))
}

async function verificationsOf(db: Db, standing: Standing): Promise<ReportVerification[]> {
  const finished = standing.verifications.filter(({ state }) => state === 'finished')
  return Promise.all(
    finished.map(async (row) => {
      const lineup = JSON.parse(row.lineup!) as Lineup
      const work = standing.examinations.find(({ examination }) => examination.verification_id === row.id)
      return {
        id: row.id,
        round: row.round,
        verifier: row.verifier!,
        assignedBy: row.assigned_by,
        takenAt: row.taken_at!,
        finishedAt: row.finished_at!,
        outcome: row.outcome!,
        fillersChosen: row.fillers_chosen!,
        seed: row.seed!,
        ceiling: lineup.ceiling,
        qualityBand: lineup.qualityBand,
        pool: lineup.pool,
        faces: await lineupFaces(db, lineup, work),
      }
    }),
  )
}

async function lineupFaces(
  db: Db,
  lineup: Lineup,
  work: ExaminationWork | undefined,
): Promise<ReportVerification['faces']> {
  const ids = lineup.faces.map(({ mediaId }) => mediaId)
  const media = await db.selectFrom('media').select(['id', 'sha256']).where('id', 'in', ids).execute()
  return lineup.faces.map(({ position, role, faceId, mediaId, similarity, quality }) => ({
    position,
    role,
    faceId,
    mediaSha256: media.find(({ id }) => id === mediaId)?.sha256 ?? null,
    similarity,
    quality,
    conclusion: work?.items.find((item) => item.position === position)?.conclusion ?? null,
  }))
}

function conclusionOf(standing: Standing, language: 'en' | 'uk'): ReportContent['conclusion'] {
  const { identification: row } = standing
  const texts = reportTexts(language)
  return {
    state: row.state,
    first: factsOf(standing).first ?? null,
    ...endsOf(row),
    words: texts.stateWords[row.state],
    caution: texts.caution,
  }
}
