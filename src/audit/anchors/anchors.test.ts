import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { sql } from 'kysely'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { actor, storeWithCollection } from '../../../test/support/enrolled-record.ts'
import { rewriteFrom } from '../../../test/support/forge-log.ts'
import { agencyOfRecord, madeUpAccount } from '../../../test/support/made-up-accounts.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import type { AnchorMessage } from '../../contract/anchor-message.ts'
import type { Store } from '../../store/store.ts'
import { recordEvent } from '../append-event.ts'
import { checkpointFile } from '../checkpoints.ts'
import { signLog } from '../sign-log.ts'
import { openInstanceKey, type SigningKey } from '../signing-key.ts'
import { verifyLog } from '../verify-log.ts'
import { readAnchors } from './anchor-list.ts'
import { anchorMessage, readKeptCheckpoints } from './anchor-message.ts'
import { Anchors } from './anchors.ts'
import { witnessCheckpoint } from './witness-checkpoint.ts'

const publicUrl = new URL('https://likeness.example')
const mail = { smtpUrl: 'smtp://127.0.0.1:1', mailFrom: 'likeness@agency.example' }

interface Signed {
  store: Store
  key: SigningKey
  /** Does something and signs the log. */
  sign(): Promise<NonNullable<Awaited<ReturnType<typeof signLog>>>>
}

async function signedLog(): Promise<Signed> {
  const store = await storeWithCollection()
  const key = openInstanceKey(store.dataFolder, undefined)
  const sign = async () => {
    const event = { action: 'test.act', agencyId: undefined, subject: undefined, details: undefined }
    await recordEvent(store.db, actor, event)
    return (await signLog({ store }, key))!
  }
  return { store, key, sign }
}

/** With the key in hand: the log written anew, what stands beside the key and the checkpoints taken away, and all signed. */
async function forgeWithKey({ store, key }: Signed, from: number): Promise<void> {
  await rewriteFrom(store, from)
  await sql.raw('delete from audit_checkpoint').execute(store.db)
  writeFileSync(checkpointFile(store.dataFolder), '')
  rmSync(`${key.file}.last-signed.json`)
  await signLog({ store }, key)
}

function anchorsTo(places: string, { key }: Signed, further: { smtpPort?: number; now?: () => number } = {}) {
  const troubles: string[] = []
  const { smtpPort = 1, now = Date.now } = further
  const anchors = new Anchors(
    readAnchors(places),
    key,
    { mail: { ...mail, smtpUrl: `smtp://127.0.0.1:${smtpPort}` }, instanceKey: undefined, publicUrl, now },
    ({ kind }, reason) => troubles.push(`${kind}: ${reason}`),
  )
  onTestFinished(() => anchors.stop())
  return { anchors, troubles }
}

test('who has the data folder and the key can sign a log of their own, and the folder outside shows it', async () => {
  const log = await signedLog()
  const folder = path.join(scratchFolder(), 'kept')
  const { anchors, troubles } = anchorsTo(`folder:${folder}`, log)
  for (let round = 0; round < 3; round++) await anchors.give(await log.sign())
  expect(troubles).toEqual([])
  expect(readdirSync(folder)).toHaveLength(3)
  await forgeWithKey(log, 2)
  const { publicKey } = log.key
  expect((await verifyLog(log, actor, { publicKey })).faults).toEqual([])
  const { faults } = await verifyLog(log, actor, { publicKey, further: readKeptCheckpoints(folder) })
  expect(faults.map(({ kind, seq }) => `${kind} ${seq}`)).toEqual([
    'checkpoint 2',
    'checkpoint 3',
    'checkpoint 4',
  ])
})

test('another instance keeps what it was given in its own log, and says when a log was cut or written anew', async () => {
  const log = await signedLog()
  const other = await storeWithCollection()
  const witness = await madeUpAccount(other, await agencyOfRecord(other), 'Anton', ['auditor'])
  const give = (checkpoint: Parameters<typeof anchorMessage>[2]) =>
    witnessCheckpoint({ store: other }, witness, anchorMessage(publicUrl, log.key.publicKey, checkpoint))
  const first = await log.sign()
  expect(await give(first)).toEqual({ fault: null })
  expect(await give(await log.sign())).toEqual({ fault: null })
  expect((await give(first)).fault).toContain('events were cut off')
  await forgeWithKey(log, 2)
  const [forged] = await log.store.db.selectFrom('audit_checkpoint').selectAll().execute()
  expect((await give(forged)).fault).toContain('Another log of 3 events was signed with the same key')
  const changed = { ...forged, seq: 50 }
  await expect(give(changed)).rejects.toMatchObject({ code: 'bad_input' })

  const exported = path.join(scratchFolder(), 'log.jsonl')
  const rows = await other.db.selectFrom('audit_event').selectAll().execute()
  writeFileSync(
    exported,
    rows.map(({ digest: _digest, ...row }) => `${JSON.stringify({ kind: 'event', ...row })}\n`).join(''),
  )
  const further = readKeptCheckpoints(exported)
  const { faults } = await verifyLog(log, actor, { publicKey: log.key.publicKey, further })
  expect(faults.map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(['checkpoint 2', 'checkpoint 3'])
})

function portOf(address: unknown): number {
  return (address as AddressInfo).port
}

test('a webhook and a mailbox get the newest checkpoint; a place that fails is told of, and tried again', async () => {
  const log = await signedLog()
  const received: AnchorMessage[] = []
  let isDown = true
  const hook = createServer((request, response) => {
    void (async () => {
      const body = await text(request)
      if (!isDown) received.push(JSON.parse(body) as AnchorMessage)
      response.writeHead(isDown ? 503 : 204).end()
    })()
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void hook.close())
  const mails: string[] = []
  const post = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      void (async () => {
        mails.push(await text(stream))
        done()
      })()
    },
  })
  const listening = post.listen(0, '127.0.0.1')
  await new Promise((resolve) => listening.once('listening', resolve))
  onTestFinished(() => new Promise<void>((resolve) => post.close(() => resolve())))

  let nowMs = Date.now()
  const { anchors, troubles } = anchorsTo(
    `mailto:auditor@agency.example, http://127.0.0.1:${portOf(hook.address())}/kept`,
    log,
    { smtpPort: portOf(listening.address()), now: () => nowMs },
  )
  const checkpoint = await log.sign()
  await anchors.give(checkpoint)
  expect(troubles).toEqual(['webhook: the place answered 503'])
  expect(mails).toHaveLength(1)
  expect(mails[0]).toContain(`filename=checkpoint-${checkpoint.seq}.jsonl`)
  isDown = false
  await anchors.give(checkpoint)
  expect(received, 'not before its time').toEqual([])
  nowMs += 60_000
  await anchors.give(checkpoint)
  expect(received).toMatchObject([{ instance: publicUrl.href, checkpoint: { seq: checkpoint.seq } }])
  await anchors.give(checkpoint)
  expect([received.length, mails.length]).toEqual([1, 1])
  expect(readFileSync(`${log.key.file}.anchors.json`, 'utf8')).toContain(checkpoint.chain_hash)
})

test.each([
  ['folder:kept', 'the whole path of a folder'],
  ['mailto:nobody', 'one address'],
  ['http://elsewhere.example/kept', 'begins with https://'],
  ['/kept', 'folder:/PATH'],
  ['instance:ftp://elsewhere.example', 'begins with https://'],
])('a place %s is refused by name', (place, words) => {
  expect(() => readAnchors(`folder:/fine,${place}`)).toThrow(words)
  expect(() => readAnchors(place)).toThrow(`'${place}'`)
})
