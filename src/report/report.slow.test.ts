import { generateKeyPairSync, hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { buffer as readAll } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import yauzl from 'yauzl'
import {
  examineLead,
  examineLineup,
  startExaminedBureau,
  type ExaminedBureau,
} from '../../test/support/examined-bureau.ts'
import { runLikeness } from '../../test/support/run-likeness.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import type { TestAccount } from '../../test/support/test-service.ts'
import { localOperator } from '../actor/actor.ts'
import { openInstanceKey } from '../audit/signing-key.ts'
import { eraseMedia } from '../erasure/erase-media.ts'
import { verifyReport } from './verify-report.ts'

let bureau: ExaminedBureau
let liaison: TestAccount
let pdf: Buffer
let json: Buffer

beforeAll(async () => {
  bureau = await startExaminedBureau()
  const { identificationId: id, examiner, supervisor } = bureau
  await examineLead(examiner, id, 'same_moderate')
  await examineLineup(bureau, await bureau.member('Віра Перевіряльна', ['examiner']), 'same_strong')
  liaison = await bureau.member('Liam Liaison', ['liaison'])
  const names = [{ kind: 'main' as const, family: 'Кравченко', given: 'Олена', patronymic: 'Петрівна' }]
  const person = await examiner.client.call('createPerson', { body: { status: 'missing', names } })
  await examiner.client.call('namePerson', { params: { id }, body: { personId: person.id } })
  await examiner.client.call('addEvidence', {
    params: { id },
    body: { kind: 'document', description: 'Паспорт серії СН, знайдений поруч.', reference: 'СН 123456' },
  })
  await supervisor.client.call('signIdentification', {
    params: { id },
    body: { statement: 'На підставі двох досліджень і паспорта.' },
  })
  const made = await make('uk')
  pdf = await read('readReportPdf', made)
  json = await read('readReportJson', made)
}, 240_000)
afterAll(() => bureau.service.remove())

async function make(language: 'en' | 'uk', recipientKind: 'court' | 'other_agency' = 'court') {
  const { id } = await bureau.examiner.client.call('makeReport', {
    params: { id: bureau.identificationId },
    body: { language, recipientKind, recipient: 'Шевченківський районний суд' },
  })
  return id
}

async function read(name: 'readReportPdf' | 'readReportJson', id: string): Promise<Buffer> {
  const response = await bureau.examiner.client.call(name, { params: { id } })
  return Buffer.from(await response.arrayBuffer())
}

function signingKey() {
  return openInstanceKey(bureau.service.dataFolder, undefined)
}

describe('a report', () => {
  test('verifies as PDF and as JSON, with the key and without', () => {
    for (const file of [pdf, json]) {
      for (const key of [undefined, signingKey().publicKey]) {
        expect(verifyReport(file, key)).toMatchObject({ faults: [], keyId: signingKey().id })
      }
      const other = generateKeyPairSync('ed25519').publicKey
      expect(verifyReport(file, other).faults).toEqual([expect.stringContaining('signed with the key')])
    }
  })

  test('is the same bytes each time', async () => {
    const { id } = (JSON.parse(json.toString()) as { report: { about: { reportId: string } } }).report
      .about as unknown as { id?: string }
    expect(id).toBeUndefined()
    const { reportId } = (JSON.parse(json.toString()) as { report: { about: { reportId: string } } }).report
      .about
    expect((await read('readReportPdf', reportId)).equals(pdf)).toBe(true)
    expect((await read('readReportJson', reportId)).equals(json)).toBe(true)
  })

  test('in which one byte was changed is found out, and the place is named', () => {
    for (const [kind, file] of [
      ['pdf', pdf],
      ['json', json],
    ] as const) {
      const named = new Set<string>()
      // 400 places spread over the whole file, and every byte of its end.
      const step = Math.ceil(file.byteLength / 400)
      const places = [
        ...Array.from({ length: 400 }, (_, at) => Math.min(at * step, file.byteLength - 1)),
        ...Array.from({ length: 400 }, (_, at) => file.byteLength - 1 - at),
      ]
      for (const place of places) {
        const changed = Buffer.from(file)
        changed[place] ^= 1
        const { faults } = verifyReport(changed, undefined)
        expect(faults, `${kind} byte ${place}`).not.toEqual([])
        for (const fault of faults) named.add(fault)
      }
      const words = [...named].join('\n')
      expect(words).toMatch(kind === 'pdf' ? /page 1 was changed/ : /section search was changed/)
      expect(words).toMatch(kind === 'pdf' ? /page 3 was changed/ : /picture candidate-face was changed/)
    }
  })

  test('that was cut short or added to is found out', () => {
    for (const file of [pdf, json]) {
      expect(verifyReport(file.subarray(0, -20), undefined).faults).not.toEqual([])
      expect(verifyReport(Buffer.concat([file, Buffer.from('x')]), undefined).faults).not.toEqual([])
      expect(verifyReport(Buffer.from(''), undefined).faults).not.toEqual([])
    }
  })

  test('says everything that another expert needs', () => {
    const { report } = JSON.parse(json.toString()) as { report: Record<string, never> }
    expect(report).toMatchObject({
      question: { caseNumber: 'K-2022/77', personNames: ['Кравченко Олена Петрівна'] },
      material: {
        probe: { label: 'від родини' },
        candidate: { sources: [{ name: expect.any(String) as string }] },
      },
      software: {
        likeness: expect.any(String) as string,
        programSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
      search: { examinedRank: 1, searchedBy: 'Eva Examiner' },
      examinations: [
        { kind: 'first', examiner: 'Eva Examiner' },
        { kind: 'verification', examiner: 'Віра Перевіряльна' },
      ],
      verifications: [{ outcome: 'concordant', faces: { length: 6 } }],
      evidence: [{ kind: 'document' }],
      conclusion: { state: 'identified', signed: { by: 'Sofia Supervisor' } },
      errorRates: { lineups: 1, perFiller: { count: 0, of: 5 } },
    })
    const { software, search, audit, conclusion } = report as unknown as {
      software: { models: { sha256: string }[] }
      search: { gallerySize: number; candidates: unknown[] }
      audit: { events: { action: string; chainHash: string }[] }
      conclusion: { caution: string }
    }
    expect(software.models.length).toBeGreaterThan(2)
    expect(search.gallerySize).toBeGreaterThan(10)
    expect(audit.events.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'search.run',
        'identification.open',
        'examination.finish',
        'lineup.finish',
        'identification.sign',
      ]),
    )
    expect(conclusion.caution).toContain('не встановлює особу')
  })

  test('is checked by the command, which ends with an error for a changed one', async () => {
    const folder = scratchFolder()
    const [good, bad, key] = ['report.pdf', 'changed.pdf', 'key.pem'].map((name) => path.join(folder, name))
    writeFileSync(good, pdf)
    const changed = Buffer.from(pdf)
    changed[Math.floor(changed.byteLength / 2)] ^= 4
    writeFileSync(bad, changed)
    writeFileSync(key, signingKey().publicKey.export({ type: 'spki', format: 'pem' }))
    const verified = await runLikeness(['report', 'verify', good, '--public-key', key])
    expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringContaining('is as it was signed')])
    const refused = await runLikeness(['report', 'verify', bad])
    expect([refused.exitCode, refused.stdout]).toEqual([2, expect.stringContaining('was changed')])
    expect((await runLikeness(['report', 'verify', path.join(folder, 'none.pdf')])).exitCode).toBe(2)
  })
})

/** Files of a zip, by name. */
function candidatePicture(files: ReadonlyMap<string, Buffer>): Buffer {
  return files.get([...files.keys()].find((name) => name.endsWith('pictures/candidate-face.jpg'))!)!
}

async function unzip(zip: Buffer): Promise<Map<string, Buffer>> {
  const archive = await new Promise<yauzl.ZipFile>((resolve, reject) =>
    yauzl.fromBuffer(zip, { lazyEntries: false }, (error, opened) =>
      error === null ? resolve(opened) : reject(error),
    ),
  )
  const openStream = promisify<yauzl.Entry, Readable>(archive.openReadStream.bind(archive))
  const files: Promise<[string, Buffer]>[] = []
  archive.on('entry', (entry: yauzl.Entry) => {
    files.push(openStream(entry).then(async (stream) => [entry.fileName, await readAll(stream)]))
  })
  await new Promise((resolve) => archive.on('end', resolve))
  return new Map(await Promise.all(files))
}

async function evidenceFor(recipientKind: 'court' | 'other_agency'): Promise<Map<string, Buffer>> {
  const reportId = await make('en', recipientKind)
  const { id } = await liaison.client.call('transmit', {
    params: { id: bureau.identificationId },
    body: { recipientKind, recipient: 'A recipient', reportId, withEvidence: true, legalBasis: 'Order 12' },
  })
  const response = await liaison.client.call('exportEvidence', { params: { id } })
  return unzip(Buffer.from(await response.arrayBuffer()))
}

describe('evidence', () => {
  test('is a bag whose manifests hold', async () => {
    const files = await evidenceFor('court')
    const [root] = [...files.keys()][0].split('/')
    const manifest = files.get(`${root}/manifest-sha256.txt`)!.toString().trim().split('\n')
    const payload = [...files.keys()].filter((name) => name.startsWith(`${root}/data/`))
    expect(manifest).toHaveLength(payload.length)
    for (const line of [
      ...manifest,
      ...files.get(`${root}/tagmanifest-sha256.txt`)!.toString().trim().split('\n'),
    ]) {
      const [sha256, name] = line.split('  ')
      expect(hash('sha256', files.get(`${root}/${name}`)!), name).toBe(sha256)
    }
    expect(files.get(`${root}/bagit.txt`)!.toString()).toMatch(/^BagIt-Version: 1\.0\n/)
    const original = payload.find((name) => name.includes('/originals/probe-'))!
    expect(original).toContain(hash('sha256', files.get(original)!))
    expect(files.get(`${root}/data/custody.jsonl`)!.toString()).toMatch(
      /taken in as probe[\s\S]*imported|imported[\s\S]*taken in as probe/,
    )
    expect(verifyReport(files.get(`${root}/data/report/report.pdf`)!, signingKey().publicKey).faults).toEqual(
      [],
    )
    expect(files.get(`${root}/data/audit-proof.jsonl`)!.toString()).toContain('"kind":"checkpoint"')
  })

  test('that is received is receipted once', async () => {
    const { id } = await liaison.client.call('transmit', {
      params: { id: bureau.identificationId },
      body: {
        recipientKind: 'national_bureau',
        recipient: 'NIB',
        withEvidence: true,
        legalBasis: 'GC III 122',
      },
    })
    const body = { receivedBy: 'O. Duty', receivedAt: new Date(Date.now() + 1000).toISOString() }
    const received = await liaison.client.call('recordReceipt', { params: { id }, body })
    expect(received.receipt).toMatchObject({ receivedBy: 'O. Duty', recordedBy: 'Liam Liaison' })
    const again = liaison.client.call('recordReceipt', { params: { id }, body })
    await expect(again).rejects.toMatchObject({ status: 409 })
  })

  test('of somebody who may be dead or captured leaves without clear pictures, unless the recipient may see them', async () => {
    const { examiner, identificationId } = bureau
    const { personId } = await examiner.client.call('showIdentification', {
      params: { id: identificationId },
    })
    await examiner.client.call('changePerson', { params: { id: personId! }, body: { status: 'detained' } })
    const clear = await evidenceFor('court')
    expect([...clear.keys()].join('\n')).toMatch(/originals\/candidate-[0-9a-f]{64}/)
    const kept = await evidenceFor('other_agency')
    const names = [...kept.keys()]
    expect(names.join('\n')).not.toMatch(/originals\/(candidate|probe)-/)
    expect(candidatePicture(kept).byteLength).toBeLessThan(candidatePicture(clear).byteLength / 2)
    const withheld = kept.get(names.find((name) => name.endsWith('withheld-sha256.txt'))!)!.toString()
    expect(withheld).toMatch(/[0-9a-f]{64} {2}probe-/)
  })
})

test('what was erased is gone from reports', async () => {
  const { db } = bureau.service.ctx.store
  const { media_id: media } = await db
    .selectFrom('identification')
    .select('media_id')
    .executeTakeFirstOrThrow()
  await eraseMedia(bureau.service.ctx, localOperator('eraser'), {
    target: { kind: 'media', media: [media] },
    reason: 'test',
    dryRun: false,
  })
  const reports = await bureau.examiner.client.call('listReports', {
    params: { id: bureau.identificationId },
  })
  expect(reports.every(({ erased }) => erased)).toBe(true)
  await expect(
    bureau.examiner.client.call('readReportPdf', { params: { id: reports[0].id } }),
  ).rejects.toMatchObject({ status: 404 })
  const rows = await db.selectFrom('report').select('content').execute()
  expect(rows.every(({ content }) => content === null)).toBe(true)
})
