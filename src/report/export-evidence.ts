import { hash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import { AppError } from '../errors.ts'
import { itemSource, probeSource, type PictureSource } from '../examination/examination-picture.ts'
import { findIdentification } from '../identification/identification-scope.ts'
import { readStanding } from '../identification/standing.ts'
import { findTransmittal } from '../identification/transmit.ts'
import { requireOriginal } from '../store/vault/originals.ts'
import type { IdentificationTable, TransmittalTable } from '../store/tables/identification-tables.ts'
import type { Db } from '../store/database/db.ts'
import { auditProof, custodyEvents } from './custody.ts'
import { layOutBag, textFile, type BagFile } from './evidence-bag.ts'
import { renderReport, type ReportContext } from './make-report.ts'
import { mustBlur, reportPictures } from './report-pictures.ts'
import { dayAt } from '../contract/dates.ts'

/** Bytes of one export; two originals of the largest size allowed, and what goes with them. */
const MAX_EVIDENCE_BYTES = 512 * 1024 * 1024

/**
 * The evidence of a transmittal as a zip: a bag with the originals (or, where the recipient may not see them, blurred
 * pictures and the originals' hashes), the pictures compared, the report, custody events and the proof from the audit log.
 * The same transmittal gives the same bytes as long as nothing new stands in the log about it.
 * @throws AppError `not_found`, `bad_input` for a transmittal without evidence, `limit_exceeded`
 */
export async function exportEvidence(
  ctx: ReportContext,
  actor: AccountActor,
  input: { transmittalId: string; signal: AbortSignal },
): Promise<Uint8Array> {
  authorize(actor, 'transmittal.make')
  const { db } = ctx.store
  const transmittal = await findTransmittal(db, actor, input.transmittalId)
  if (transmittal.with_evidence === 0) {
    throw new AppError('bad_input', 'This transmittal was made without evidence. Make another one with it.')
  }
  const row = await findIdentification(db, actor, transmittal.identification_id)
  const payload = await payloadOf(ctx, actor, row, transmittal, input.signal)
  const total = payload.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
  if (total > MAX_EVIDENCE_BYTES) {
    throw new AppError('limit_exceeded', 'The evidence is larger than one export may be.')
  }
  const name = `likeness-evidence-${transmittal.id}`
  const files = layOutBag(name, payload, [
    ['Source-Organization', await agencyName(ctx, row)],
    ['External-Identifier', transmittal.id],
    ['Internal-Sender-Identifier', row.id],
    ['Bagging-Date', dayAt(transmittal.sent_at)],
    ['Contact-Name', transmittal.sent_by],
    ['External-Description', `Evidence handed to ${transmittal.recipient}`],
    ['Bag-Software-Agent', 'Likeness'],
  ])
  const zip = await zipOf(files, new Date(transmittal.sent_at))
  await recordEvent(db, actor, {
    action: 'transmittal.export',
    agencyId: row.agency_id,
    subject: `transmittal ${transmittal.id}`,
    caseId: row.case_id,
    details: { files: files.length, bytes: zip.byteLength, sha256: hash('sha256', zip) },
  })
  return zip
}

async function payloadOf(
  ctx: ReportContext,
  actor: AccountActor,
  row: IdentificationTable,
  transmittal: TransmittalTable,
  signal: AbortSignal,
): Promise<BagFile[]> {
  const { db } = ctx.store
  const standing = await readStanding(db, row)
  const files: BagFile[] = []
  const withheld: string[] = []
  const blurred = await mustBlur(db, actor, row, transmittal.recipient_kind)
  for (const [name, source] of await originalsOf(ctx, actor, row)) {
    if (blurred) withheld.push(`${source.sha256}  ${name}\n`)
    else {
      await requireOriginal(db, source.sha256)
      await refuseLarge(db, source.sha256)
      files.push({ path: `originals/${name}`, bytes: await ctx.store.vault.read(source.sha256) })
    }
  }
  if (withheld.length > 0) {
    const why =
      'Originals that this recipient may not be given: pictures of somebody who may be dead, wounded or captured. Blurred pictures stand in pictures/.\n'
    files.push(textFile('originals/withheld-sha256.txt', why + withheld.join('')))
  }
  for (const { name, bytes } of await reportPictures(ctx, actor, { row, blurred, signal })) {
    files.push({ path: `pictures/${name}.jpg`, bytes })
  }
  if (transmittal.report_id !== null) {
    const report = await db
      .selectFrom('report')
      .selectAll()
      .where('id', '=', transmittal.report_id)
      .executeTakeFirstOrThrow()
    for (const as of ['pdf', 'json'] as const) {
      files.push({ path: `report/report.${as}`, bytes: await renderReport(ctx, actor, report, as, signal) })
    }
  }
  files.push(textFile('custody.jsonl', await custodyEvents(db, actor, row)))
  files.push(textFile('audit-proof.jsonl', await auditProof(db, standing, ctx.signingKey)))
  return files
}

/** A video may be larger than an export, and than memory. @throws AppError `limit_exceeded` */
async function refuseLarge(db: Db, sha256: string): Promise<void> {
  const media = await db
    .selectFrom('media')
    .select('byte_length')
    .where('sha256', '=', sha256)
    .executeTakeFirst()
  if ((media?.byte_length ?? 0) <= MAX_EVIDENCE_BYTES) return
  throw new AppError(
    'limit_exceeded',
    `The original ${sha256} is a video larger than one export may be (MAX_EVIDENCE_BYTES, ${MAX_EVIDENCE_BYTES} bytes). Hand it over by itself; its SHA-256 and the frame stand in the report.`,
  )
}

/** The probe's and the candidate's originals, named by their hashes. */
async function originalsOf(
  ctx: ReportContext,
  actor: AccountActor,
  row: IdentificationTable,
): Promise<[string, PictureSource][]> {
  const { db } = ctx.store
  const probe = await probeSource(db, row)
  const candidate = await itemSource(db, agencyOf(actor), row)
  const formats = new Map<string, string>()
  const media = await db
    .selectFrom('media')
    .select('format')
    .where('id', '=', row.media_id)
    .executeTakeFirst()
  const own = await db
    .selectFrom('probe')
    .innerJoin('probe_face', 'probe_face.probe_id', 'probe.id')
    .select('probe.format')
    .where('probe_face.id', '=', row.probe_face_id)
    .executeTakeFirst()
  formats.set('probe', own?.format ?? 'bin').set('candidate', media?.format ?? 'bin')
  return [
    [`probe-${probe.sha256}.${formats.get('probe')}`, probe],
    [`candidate-${candidate.sha256}.${formats.get('candidate')}`, candidate],
  ]
}

async function agencyName({ store: { db } }: ReportContext, row: IdentificationTable): Promise<string> {
  const agency = await db
    .selectFrom('agency')
    .select('name')
    .where('id', '=', row.agency_id)
    .executeTakeFirstOrThrow()
  return agency.name
}

/** Zips files with one time for all of them and without compression of what is compressed already. */
async function zipOf(files: readonly BagFile[], mtime: Date): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { path, bytes } of files) {
    const compress = !/\.(jpe?g|png|webp|heic|avif|gif|pdf)$/.test(path)
    // Local time of the machine must not decide the bytes.
    zip.addBuffer(Buffer.from(bytes), path, { mtime, mode: 0o100644, compress, forceDosTimestamp: false })
  }
  zip.end()
  return buffer(zip.outputStream)
}
