import { hash } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookieHeader } from '../../scripts/browser-fetch.ts'
import {
  analysed,
  compared,
  examineLead,
  startExaminedBureau,
  type ExaminedBureau,
} from '../../test/support/examined-bureau.ts'
import type { TestAccount } from '../../test/support/test-service.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { API_PREFIX, endpoints } from '../contract/endpoints.ts'

/** What comes back from one request, whole. */
interface Answer {
  name: string
  status: number
  headers: Record<string, string>
  body: Buffer
}

let bureau: ExaminedBureau
let verifier: TestAccount
let lineupId: string
/** What a verifier must not learn: words, and hashes of files. */
let blinded: Record<string, string>

beforeAll(async () => {
  bureau = await startExaminedBureau('sensitive')
  await examineLead(bureau.examiner, bureau.identificationId, 'same_moderate')
  verifier = await bureau.member('Vera Verifier', ['examiner', 'supervisor', 'auditor', 'liaison'])
  const { lineup } = await verifier.client.call('takeLineup', { body: {} })
  lineupId = lineup!.id
  blinded = await secrets()
}, 180_000)
afterAll(() => bureau.service.remove())

async function secrets(): Promise<Record<string, string>> {
  const { db } = bureau.service.ctx.store
  const { identificationId, caseId, searchId, examiner } = bureau
  const row = await db
    .selectFrom('identification')
    .selectAll()
    .where('id', '=', identificationId)
    .executeTakeFirstOrThrow()
  const candidate = await db
    .selectFrom('candidate')
    .selectAll()
    .where('search_id', '=', searchId)
    .where('rank', '=', 1)
    .executeTakeFirstOrThrow()
  const examination = await db
    .selectFrom('examination')
    .select('id')
    .where('verification_id', 'is', null)
    .executeTakeFirstOrThrow()
  const verification = await db
    .selectFrom('verification')
    .selectAll()
    .where('id', '=', lineupId)
    .executeTakeFirstOrThrow()
  const faces = (JSON.parse(verification.lineup!) as { faces: { faceId: string; mediaId: string }[] }).faces
  const media = await db
    .selectFrom('media')
    .innerJoin('source', 'source.media_id', 'media.id')
    .select(['media.sha256', 'source.name'])
    .where(
      'media.id',
      'in',
      faces.map(({ mediaId }) => mediaId),
    )
    .execute()
  return {
    'the case': caseId,
    "the case's number": 'K-2022/77',
    'the search': searchId,
    'the identification': identificationId,
    'the first examination': examination.id,
    'the first examiner': 'Eva Examiner',
    "the first examiner's account": examiner.accountId,
    'the probe': row.probe_face_id,
    "the probe's file": row.probe_sha256,
    'the similarity': String(candidate.similarity).slice(0, 8),
    'the seed': verification.seed!,
    'the first evaluation': compared('same_moderate').evaluation,
    ...Object.fromEntries(faces.map(({ faceId }, at) => [`face ${at}`, faceId])),
    ...Object.fromEntries(faces.map(({ mediaId }, at) => [`media ${at}`, mediaId])),
    ...Object.fromEntries(media.map(({ sha256 }, at) => [`file ${at}`, sha256])),
    ...Object.fromEntries(media.map(({ name }, at) => [`name ${at}`, name])),
  }
}

const NO_FACE = '00000000-0000-7000-8000-000000000000'
/** Without these the request would be refused for its form, before it is asked who may see. */
const QUERIES: Record<string, string> = {
  replayCandidatePage: `?source=${NO_FACE}`,
}

async function ask(
  name: string,
  endpoint: Pick<Endpoint, 'method' | 'path'>,
  params: Record<string, string>,
  body?: unknown,
): Promise<Answer> {
  const path = endpoint.path.replaceAll(/:(\w+)/g, (_, part: string) => params[part] ?? '1')
  const address = `${path}${QUERIES[name] ?? ''}`
  const cookie = cookieHeader(verifier.client.cookies)
  const end = new AbortController()
  const response = await fetch(`${bureau.service.address}${API_PREFIX}${address}`, {
    method: endpoint.method,
    headers: {
      cookie,
      origin: 'http://likeness.test',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    signal: end.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const bytes = isStream ? Buffer.alloc(0) : Buffer.from(await response.arrayBuffer())
  if (isStream) end.abort()
  return { name, status: response.status, headers: Object.fromEntries(response.headers), body: bytes }
}

/** What of the blinded an answer tells. */
function told({ headers, body }: Answer): string[] {
  const text = `${JSON.stringify(headers)}\n${body.toString('latin1')}\n${body.toString('utf8')}`
  return Object.entries(blinded).flatMap(([what, secret]) => (text.includes(secret) ? [what] : []))
}

/**
 * What names everybody of the agency alike: the directory, and the log of how accounts came to be and signed in. Events of
 * what somebody did in cases are not among them while one is blind.
 */
const OF_EVERYBODY = new Set(['readDirectory', 'listAccounts', 'listInvitations', 'readAudit', 'exportAudit'])

describe('the verifier', () => {
  test('finds none of the case in any list or page that the account may open', async () => {
    const { searchId, caseId, identificationId } = bureau
    const { db } = bureau.service.ctx.store
    const probe = await db.selectFrom('probe').select('id').executeTakeFirstOrThrow()
    const item = await db
      .selectFrom('examination_item')
      .select('id')
      .where('examination_id', '=', blinded['the first examination'])
      .executeTakeFirstOrThrow()
    const ids: [RegExp, string][] = [
      [/^\/cases\/:id/, caseId],
      [/^\/searches\/:id/, searchId],
      [/^\/probes\/:id/, probe.id],
      [/^\/identifications\/:id/, identificationId],
      [/^\/examinations\/:id/, blinded['the first examination']],
      [/^\/lineups\/:id/, lineupId],
      [/^\/verifications\/:id/, lineupId],
    ]
    const asked: string[] = []
    for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][]) {
      if (endpoint.method !== 'GET') continue
      const id = ids.find(([pattern]) => pattern.test(endpoint.path))?.[1]
      if (endpoint.path.includes(':id') && id === undefined) continue
      const answer = await ask(name, endpoint, { id: id ?? '', itemId: item.id, faceId: NO_FACE })
      asked.push(name)
      const isOfEverybody = OF_EVERYBODY.has(name)
      const tells = told(answer).filter((what) => !isOfEverybody || !what.startsWith('the first examiner'))
      expect(tells, name).toEqual([])
      // Line-ups under way, seen through every other way in, are not there.
      // What compares faces or shows others is refused by name before it is looked up, whatever it is asked about.
      if (endpoint.shutToVerifiers === true) {
        expect(answer.status, name).toBe(409)
        expect(answer.body.toString(), name).toContain('lineup_held')
      } else if (id !== undefined && !endpoint.path.startsWith('/lineups')) {
        expect(answer.status, name).toBe(404)
      }
    }
    expect(asked).toEqual(
      expect.arrayContaining(['listCases', 'showSearch', 'readAudit', 'exportAudit', 'listVerifications']),
    )
  })

  test('reads in the audit log only how the first examiner came to be there', async () => {
    const { items } = JSON.parse((await ask('readAudit', endpoints.readAudit, {})).body.toString()) as {
      items: { actor: string; action: string }[]
    }
    const byFirst = items.filter(({ actor }) => actor === blinded['the first examiner'])
    expect(byFirst.length).toBeGreaterThan(0)
    for (const { action } of byFirst) expect(action).toMatch(/^(account|session)\./)
  })

  test('cannot act on the case either', async () => {
    const { caseId, identificationId, searchId } = bureau
    const tries: [keyof typeof endpoints, string, unknown][] = [
      ['openIdentification', searchId, {}],
      ['beginExamination', identificationId, {}],
      ['addEvidence', identificationId, { kind: 'document', description: 'x' }],
      ['signIdentification', identificationId, { statement: 'x' }],
      ['makeReport', identificationId, { language: 'en', recipientKind: 'court', recipient: 'x' }],
      ['changeCase', caseId, { title: 'x' }],
      ['recallVerification', lineupId, { reason: 'x' }],
    ]
    for (const [name, id, body] of tries) {
      const answer = await ask(name, endpoints[name], { id }, body)
      expect(answer.status, name).toBe(name === 'openIdentification' ? 409 : 404)
      expect(told(answer), name).toEqual([])
    }
  })

  test('is shown nothing but the probe before the analysis is finished', async () => {
    const before = await ask('showLineup', endpoints.showLineup, { id: lineupId })
    expect(JSON.parse(before.body.toString())).toMatchObject({ items: null, analysisFinished: false })
    const probe = await ask('showLineupProbe', endpoints.showLineupProbe, { id: lineupId })
    expect([probe.status, told(probe)]).toEqual([200, []])
    const { id: itemId } = await bureau.service.ctx.store.db
      .selectFrom('examination_item')
      .innerJoin('examination', 'examination.id', 'examination_item.examination_id')
      .select('examination_item.id')
      .where('examination.verification_id', '=', lineupId)
      .executeTakeFirstOrThrow()
    const early = await ask('showLineupItem', endpoints.showLineupItem, { id: lineupId, itemId })
    expect(early.status).toBe(409)
  })

  test('gets six faces that differ in nothing but what they show', async () => {
    const analysis = await ask(
      'writeLineupAnalysis',
      endpoints.writeLineupAnalysis,
      { id: lineupId },
      analysed,
    )
    expect(told(analysis)).toEqual([])
    const shown = JSON.parse(analysis.body.toString()) as {
      sensitive: boolean
      items: { id: string; position: number }[]
    }
    expect(Object.keys(shown).toSorted()).toEqual([
      'analysis',
      'analysisFinished',
      'finishedAt',
      'id',
      'items',
      'sensitive',
      'state',
      'takenAt',
    ])
    expect(shown.sensitive).toBe(true)
    expect(shown.items.map((item) => Object.keys(item).toSorted().join())).toEqual(
      Array(6).fill('checklist,conclusion,evaluation,id,position'),
    )
    expect(shown.items.map(({ id }) => id)).toEqual(shown.items.map(({ id }) => id).toSorted())
    const looks = new Set<string>()
    for (const { id: itemId } of shown.items) {
      for (const reveal of ['', '?reveal=yes']) {
        const endpoint = { method: 'GET' as const, path: `${endpoints.showLineupItem.path}${reveal}` }
        const answer = await ask('showLineupItem', endpoint, { id: lineupId, itemId })
        expect([answer.status, told(answer)]).toEqual([200, []])
        const { width, height, exif, icc, xmp, iptc, format, density } = await sharp(answer.body).metadata()
        expect([exif, icc, xmp, iptc].filter(Boolean)).toEqual([])
        const { date: _date, 'x-request-id': _id, 'content-length': _length, ...same } = answer.headers
        looks.add(
          JSON.stringify([
            width,
            height,
            format,
            density,
            Object.entries(same).toSorted(([a], [b]) => (a < b ? -1 : 1)),
          ]),
        )
        expect(same).not.toHaveProperty('etag')
        expect(same).not.toHaveProperty('last-modified')
        expect(Object.values(blinded)).not.toContain(hash('sha256', answer.body))
      }
    }
    expect([...looks]).toHaveLength(1)
  })

  test('is told nothing by drafts, by finishing and afterwards by the line-up', async () => {
    const { items } = JSON.parse(
      (await ask('showLineup', endpoints.showLineup, { id: lineupId })).body.toString(),
    ) as { items: { id: string }[] }
    for (const { id: itemId } of items) {
      const body = compared('different_moderate')
      const params = { id: lineupId, itemId }
      expect(
        told(await ask('w', endpoints.writeLineupComparison, params, body)).filter(
          (what) => what !== 'the first evaluation',
        ),
      ).toEqual([])
    }
    const done = await ask('finishLineup', endpoints.finishLineup, { id: lineupId }, {})
    expect(done.status).toBe(200)
    expect(told(done).filter((what) => what !== 'the first evaluation')).toEqual([])
    expect(done.body.toString()).not.toMatch(/outcome|discordant|filler|candidate|role/)
    // The case is there again, and the account has done its part in it.
    const shown = await ask('showCase', endpoints.showCase, { id: bureau.caseId })
    expect(shown.status).toBe(200)
    const { identificationId } = bureau
    const sign = { params: { id: identificationId }, body: { statement: 'x' } }
    await expect(verifier.client.call('signIdentification', sign)).rejects.toMatchObject({
      code: 'not_allowed',
    })
  })
})
