import { hash } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto, sampleFiles } from '../../scripts/sample-photos.ts'
import { readFileSync } from 'node:fs'
import {
  analysed,
  examineLead,
  startExaminedBureau,
  type ExaminedBureau,
} from '../support/examined-bureau.ts'
import { newAccount, newClient, PASSWORD, type TestAccount } from '../support/test-service.ts'
import { freshTotpCode } from '../support/totp.ts'

// Pictures of a line-up that came back as probes: by its verifier, by their other account, by a helper.

/** Nobody in it is in the collection. */
const strangers = readFileSync(sampleFiles('crowd')[1])

let bureau: ExaminedBureau

beforeAll(async () => {
  bureau = await startExaminedBureau()
  await examineLead(bureau.examiner, bureau.identificationId, 'same_moderate')
}, 180_000)
afterAll(() => bureau.service.remove())

async function takeLineup({ client }: TestAccount): Promise<{ id: string; pictures: Buffer[] }> {
  const { lineup } = await client.call('takeLineup', { body: {} })
  const { id } = lineup!
  const { items } = await client.call('writeLineupAnalysis', { params: { id }, body: analysed })
  const pictures = []
  for (const { id: itemId } of items!) {
    const reply = await client.call('showLineupItem', { params: { id, itemId } })
    pictures.push(Buffer.from(await reply.arrayBuffer()))
  }
  return { id, pictures }
}

async function ownCase({ client }: TestAccount, number: string): Promise<{ id: string }> {
  const body = { number, title: 'Own', purpose: 'find_missing_person' as const, legalBasis: 'test' }
  return { id: (await client.call('createCase', { body })).id }
}

/** What the supervisor's page says of a line-up. */
async function shown(lineupId: string) {
  const { verifications } = await bureau.supervisor.client.call('showIdentification', {
    params: { id: bureau.identificationId },
  })
  return verifications.find(({ id }) => id === lineupId)!
}

/** As a screenshot of the page shows it: smaller, among other things, and compressed again. */
async function screenshot(picture: Buffer): Promise<Buffer> {
  const face = await sharp(picture).resize(260).toBuffer()
  return sharp({ create: { width: 1100, height: 640, channels: 3, background: '#f4f4f6' } })
    .composite([{ input: face, left: 410, top: 190 }])
    .jpeg({ quality: 70 })
    .toBuffer()
}

test('a verifier who brings a picture of their line-up is refused, and the line-up is void', async () => {
  const vera = await bureau.member('Vera Verifier', ['examiner'])
  const params = await ownCase(vera, 'V-1')
  const { id, pictures } = await takeLineup(vera)
  const stranger = vera.client.call('addProbe', { params, body: strangers })
  await expect(stranger).rejects.toMatchObject({ code: 'lineup_held' })
  expect(await shown(id)).toMatchObject({ state: 'taken', unblindings: [] })

  const brought = vera.client.call('addProbe', { params, body: await screenshot(pictures[2]) })
  await expect(brought).rejects.toMatchObject({ code: 'lineup_held' })
  expect(await shown(id)).toMatchObject({
    state: 'cancelled',
    outcome: null,
    unblindings: [{ by: 'Vera Verifier', relation: 'account', means: 'perceptual_hash', position: 3 }],
  })
  // Nothing can be concluded in it any more, and there is no second look.
  const end = vera.client.call('finishLineup', { params: { id }, body: {} })
  await expect(end).rejects.toMatchObject({ code: 'conflict' })
  await expect(vera.client.call('takeLineup', { body: {} })).resolves.toMatchObject({ lineup: null })
}, 120_000)

test('a second account in the same browser voids the line-up of the first one', async () => {
  const first = await bureau.member('First Account', ['examiner'])
  const second = await newAccount(bureau.operator, bureau.agencyId, 'Quite Another', ['examiner'])
  const { id, pictures } = await takeLineup(first)
  // The same browser: its device cookie goes along with the other account's sign-in.
  const client = newClient(bureau.service.address)
  client.cookies.set('likeness.device', first.client.cookies.get('likeness.device')!)
  await client.call('signIn', { body: { email: second.email, password: PASSWORD } })
  await client.call('signInWithCode', { body: { code: await freshTotpCode(second.totpSecret) } })
  const other = { ...second, client }
  const params = await ownCase(other, 'S-1')
  await client.call('addProbe', { params, body: strangers })
  expect(await shown(id)).toMatchObject({ state: 'taken' })
  const again = await sharp(pictures[0]).resize(200).webp({ quality: 50 }).toBuffer()
  await expect(client.call('addProbe', { params, body: again })).resolves.toBeDefined()
  expect(await shown(id)).toMatchObject({
    state: 'cancelled',
    unblindings: [{ by: 'Quite Another', relation: 'device', operation: 'addProbe', position: 1 }],
  })
}, 120_000)

test('the very file that a line-up gave out voids it, whoever brings it; a colleague’s own work does not', async () => {
  const verifier = await bureau.member('Third Verifier', ['examiner'])
  const { id, pictures } = await takeLineup(verifier)
  const { examiner } = bureau
  await examiner.client.call('addProbe', { params: { id: bureau.caseId }, body: readFileSync(groupPhoto(1)) })
  expect(await shown(id)).toMatchObject({ state: 'taken', unblindings: [] })
  const helper = await newAccount(bureau.operator, bureau.agencyId, 'Helper', ['examiner'])
  const params = await ownCase(helper, 'H-1')
  await helper.client.call('addProbe', { params, body: pictures[4] })
  expect(await shown(id)).toMatchObject({
    state: 'cancelled',
    unblindings: [{ by: 'Helper', relation: 'other', means: 'sha256', position: 5 }],
  })
  // The report says so too.
  const body = { language: 'en' as const, recipientKind: 'court' as const, recipient: 'Court' }
  const report = await examiner.client.call('makeReport', { params: { id: bureau.identificationId }, body })
  const json = await examiner.client.call('readReportJson', { params: { id: report.id } })
  const content = JSON.stringify(await json.json())
  expect(content).toContain('"by":"Helper"')
  expect(content).toContain('"relation":"other"')
  expect(content).not.toContain(hash('sha256', pictures[4]))
}, 120_000)
