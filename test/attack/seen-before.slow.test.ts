import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { examineLead, startExaminedBureau, type ExaminedBureau } from '../support/examined-bureau.ts'
import { newAccount, type TestAccount } from '../support/test-service.ts'

// Examiners who had seen the candidate elsewhere than in the case, and were given the line-up all the same.

let bureau: ExaminedBureau
let faceId: string
let mediaId: string

beforeAll(async () => {
  bureau = await startExaminedBureau()
  await examineLead(bureau.examiner, bureau.identificationId, 'same_moderate')
  const params = { id: bureau.identificationId }
  ;({ faceId, mediaId } = await bureau.examiner.client.call('showIdentification', { params }))
}, 180_000)
afterAll(() => bureau.service.remove())

const CASE = { title: 'Elsewhere', purpose: 'find_missing_person' as const, legalBasis: 'test' }

async function ownCase({ client }: TestAccount, number: string): Promise<string> {
  return (await client.call('createCase', { body: { ...CASE, number } })).id
}

async function candidatePhoto(): Promise<Uint8Array<ArrayBuffer>> {
  const { db, vault } = bureau.service.ctx.store
  const { sha256 } = await db
    .selectFrom('media')
    .select('sha256')
    .where('id', '=', mediaId)
    .executeTakeFirstOrThrow()
  return new Uint8Array(await vault.read(sha256))
}

/** What each did before, and in which roles. */
const STORIES: Record<string, (account: TestAccount) => Promise<unknown>> = {
  'searched with the same photo in a case of their own': async (account) => {
    const id = await ownCase(account, 'E-1')
    const probe = await account.client.call('addProbe', { params: { id }, body: readFileSync(groupPhoto(1)) })
    // Another face of the photo: the candidate is in no list.
    await account.client.call('searchInCase', { params: { id }, body: { faces: [probe.faces[0].id] } })
  },
  'took in the same photo, saved again and smaller': async (account) => {
    const id = await ownCase(account, 'E-2')
    const body = await sharp(readFileSync(groupPhoto(1)))
      .resize(700)
      .jpeg({ quality: 60 })
      .toBuffer()
    await account.client.call('addProbe', { params: { id }, body })
  },
  'took in the candidate’s own photo': async (account) => {
    const id = await ownCase(account, 'E-3')
    await account.client.call('addProbe', { params: { id }, body: await candidatePhoto() })
  },
  'saw the face in the list of another search': async (account) => {
    const id = await ownCase(account, 'E-4')
    const { db } = bureau.service.ctx.store
    const face = await db.selectFrom('face').selectAll().where('id', '=', faceId).executeTakeFirstOrThrow()
    // Only the face of it, mirrored: the file and its whole picture are others.
    const body = await sharp(await candidatePhoto())
      .extract({
        left: Math.max(0, Math.round(face.box_x_px - face.box_width_px / 4)),
        top: Math.max(0, Math.round(face.box_y_px - face.box_height_px / 4)),
        width: Math.round(face.box_width_px * 1.5),
        height: Math.round(face.box_height_px * 1.5),
      })
      .flop()
      .png()
      .toBuffer()
    const probe = await account.client.call('addProbe', { params: { id }, body })
    await account.client.call('searchInCase', { params: { id }, body: { faces: [probe.faces[0].id] } })
  },
  'looked at the page of a person whom the face is linked with': async ({ client }) => {
    const { id } = await bureau.examiner.client.call('createPerson', {
      body: { status: 'missing', ref: 'M-1' },
    })
    await bureau.examiner.client.call('linkFace', { params: { id, faceId }, body: { link: 'same' } })
    await client.call('showPerson', { params: { id } })
  },
  'looked at the photo in its collection': async ({ client }) => {
    const params = { id: bureau.collectionId, mediaId }
    await (await client.call('showMediaPicture', { params })).arrayBuffer()
  },
  "read the case's events in the audit log": ({ client }) =>
    client.call('readAudit', { query: { caseId: bureau.caseId } }),
  'read everybody’s events in the audit log': ({ client }) =>
    client.call('readAudit', { query: { limit: 200 } }),
  'exported the audit log': async ({ client }) => (await client.call('exportAudit', {})).text(),
  'opened another case’s lead on the same face': async ({ client }) => {
    const { supervisor } = bureau
    const id = await ownCase(supervisor, 'E-8')
    const body = readFileSync(groupPhoto(1))
    const probe = await supervisor.client.call('addProbe', { params: { id }, body })
    const search = await supervisor.client.call('searchInCase', {
      params: { id },
      body: { faces: [probe.faces[2].id] },
    })
    await supervisor.client.call('openIdentification', { params: { id: search.id, rank: 1 }, body: {} })
    const { accountId } = await client.call('showMe', {})
    await supervisor.client.call('addToCase', { params: { id }, body: { accountId } })
    await client.call('listIdentifications', { params: { id } })
  },
}

test('nobody who has seen the candidate or worked with the probe anywhere is a blind verifier; somebody who has not is', async () => {
  const { operator, agencyId, supervisor } = bureau
  const { items } = await supervisor.client.call('listVerifications', {})
  const [{ id }] = items
  const roles = ['examiner', 'curator', 'auditor', 'liaison'] as const
  const names = Object.keys(STORIES)
  for (const [at, name] of names.entries()) {
    const account = await newAccount(operator, agencyId, `Account ${at}`, [...roles])
    const before = await supervisor.client.call('listEligibleVerifiers', { params: { id } })
    expect(
      before.map(({ accountId }) => accountId),
      name,
    ).toContain(account.accountId)
    await STORIES[name](account)
    const eligible = await supervisor.client.call('listEligibleVerifiers', { params: { id } })
    expect(
      eligible.map(({ accountId }) => accountId),
      name,
    ).not.toContain(account.accountId)
    const given = supervisor.client.call('assignVerification', {
      params: { id },
      body: { accountId: account.accountId },
    })
    await expect(given, name).rejects.toMatchObject({ code: 'not_eligible' })
    await expect(account.client.call('takeLineup', { body: {} }), name).resolves.toMatchObject({
      lineup: null,
    })
  }
  const blind = await newAccount(operator, agencyId, 'Vera Verifier', ['examiner'])
  const { lineup } = await blind.client.call('takeLineup', { body: {} })
  expect(lineup).not.toBeNull()
})
