import path from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from '../../test/support/server-process.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { join, newAccount, newAgency, type TestAccount } from '../../test/support/test-service.ts'

/** Everything of an account must have ended this long after the suspension was acknowledged. */
const CUT_OFF_WITHIN_MS = 1000

interface OpenStream {
  /** What it said until it ended, and when that was. */
  ended: Promise<{ text: string; endedMs: number }>
}

/** Opens the account's event stream, and waits until it has begun. */
async function openStream(account: TestAccount, server: string): Promise<OpenStream> {
  const cookie = [...account.client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(`${server}/api/v1/events`, { headers: { cookie } })
  expect(response.status).toBe(200)
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  const first = await reader.read()
  const rest = async (): Promise<{ text: string; endedMs: number }> => {
    let text = decoder.decode(first.value)
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { text, endedMs: performance.now() }
      text += decoder.decode(value)
    }
  }
  return { ended: rest() }
}

async function statusAt(account: TestAccount, server: string): Promise<number> {
  const cookie = [...account.client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return (await fetch(`${server}/api/v1/session`, { headers: { cookie } })).status
}

test('a suspension ends requests and open streams on every server process within a second', async () => {
  const dataFolder = path.join(scratchFolder(), 'data')
  const first = await startServer(dataFolder)
  const second = await startServer(dataFolder)
  const operator = await join(first.address, second.setupLink!, { email: 'o@instance.example', name: 'O' })
  const agencyId = await newAgency(operator, 'Agency')
  const accounts = [
    await newAccount(operator, agencyId, 'By account', ['examiner']),
    await newAccount(operator, agencyId, 'By session', ['examiner']),
    await newAccount(operator, agencyId, 'By device', ['examiner']),
    await newAccount(operator, agencyId, 'By agency', ['examiner']),
  ]
  const untouched = await openStream(operator, second.address)
  let untouchedEnded = false
  void untouched.ended.then(() => (untouchedEnded = true))
  for (const [index, account] of accounts.entries()) {
    const streams = [await openStream(account, first.address), await openStream(account, second.address)]
    const [session] = await account.client.call('listMySessions', {})
    const target = [
      { kind: 'account' as const, targetId: account.accountId },
      { kind: 'session' as const, targetId: session.id },
      { kind: 'device' as const, targetId: session.deviceId! },
      { kind: 'agency' as const, targetId: agencyId },
    ][index]
    const startMs = performance.now()
    await operator.client.call('suspend', { body: { ...target, reason: 'lost' } })
    // New requests: at once, on both processes.
    expect(await statusAt(account, first.address)).toBe(401)
    expect(await statusAt(account, second.address)).toBe(401)
    for (const { ended } of streams) {
      const { text, endedMs } = await ended
      expect(text).toContain('event: cut_off')
      expect(endedMs - startMs).toBeLessThan(CUT_OFF_WITHIN_MS)
    }
  }
  expect(await statusAt(operator, second.address)).toBe(200)
  expect(untouchedEnded).toBe(false)
})
