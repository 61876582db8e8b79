import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  examineLead,
  examineLineup,
  startExaminedBureau,
  type ExaminedBureau,
} from '../support/examined-bureau.ts'
import { PASSWORD, type TestAccount } from '../support/test-service.ts'

// One person behind two accounts, at one browser: the gate takes one decision of them, and shows what it cannot refuse.

let bureau: ExaminedBureau

beforeAll(async () => {
  bureau = await startExaminedBureau()
}, 180_000)
afterAll(() => bureau.service.remove())

/** The account signs in at the other's browser. */
async function sitDownAt({ client }: TestAccount, { email, recoveryCodes }: TestAccount): Promise<void> {
  await client.call('signIn', { body: { email, password: PASSWORD } })
  await client.call('signInWithCode', { body: { recoveryCode: recoveryCodes.pop()! } })
}

test('who has used the browser of the first examiner gets no line-up, and a supervisor who has used it cannot sign', async () => {
  const { examiner, supervisor, identificationId } = bureau
  const params = { id: identificationId }
  await examineLead(examiner, identificationId, 'same_strong')

  // A second account of the same person: it has signed in beside the first one.
  const second = await bureau.member('Second Self', ['examiner'])
  await sitDownAt(examiner, second)
  await sitDownAt(examiner, examiner)
  expect(await second.client.call('takeLineup', { body: {} })).toEqual({ lineup: null })
  const { items } = await supervisor.client.call('listVerifications', {})
  const waiting = { id: items[0].id }
  const eligible = await supervisor.client.call('listEligibleVerifiers', { params: waiting })
  expect(eligible.map(({ accountId }) => accountId)).not.toContain(second.accountId)
  const body = { accountId: second.accountId }
  await expect(supervisor.client.call('assignVerification', { params: waiting, body })).rejects.toMatchObject(
    { status: 409 },
  )

  // Somebody else verifies it. Whoever signs may not have sat at the browser of either.
  const verifier = await bureau.member('Vera Verifier', ['examiner'])
  await examineLineup(bureau, verifier, 'same_moderate')
  const evidence = { kind: 'document' as const, description: 'Passport' }
  await examiner.client.call('addEvidence', { params, body: evidence })
  const { id: personId } = await examiner.client.call('createPerson', {
    body: { status: 'missing', names: [{ kind: 'main', family: 'Melnychenko', given: 'Kateryna' }] },
  })
  await examiner.client.call('namePerson', { params, body: { personId } })
  const helper = await bureau.member('Helpful Supervisor', ['supervisor'])
  await sitDownAt(verifier, helper)
  const statement = { statement: 'It is her.' }
  await expect(helper.client.call('signIdentification', { params, body: statement })).rejects.toMatchObject({
    code: 'shared_device',
  })

  // Decisions from one address, minutes apart, are shown to whoever signs, and to nobody else.
  const shown = await supervisor.client.call('showIdentification', { params })
  expect(shown.closeness).toEqual([
    expect.objectContaining({ kind: 'same_address', first: { what: 'examination', by: 'Eva Examiner' } }),
    expect.objectContaining({ kind: 'close_in_time', second: { what: 'verification', by: 'Vera Verifier' } }),
  ])
  expect((await examiner.client.call('showIdentification', { params })).closeness).toBeNull()
  const signed = await supervisor.client.call('signIdentification', { params, body: statement })
  expect(signed.state).toBe('identified')

  // They stand in the report too.
  const report = await supervisor.client.call('makeReport', {
    params,
    body: { recipientKind: 'own_agency', recipient: 'Bureau', language: 'en' },
  })
  const answer = await supervisor.client.send('readReportJson', { params: { id: report.id } })
  const { report: content } = (await answer.json()) as { report: { closeness: { kind: string }[] } }
  expect(content.closeness.map(({ kind }) => kind)).toContain('same_address')
}, 120_000)
