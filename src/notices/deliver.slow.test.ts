import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import {
  enrol,
  mateOf,
  storeWithCollection,
  testPhoto,
  unitVector,
} from '../../test/support/enrolled-record.ts'
import { agencyOfRecord, madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { madeUpContext } from '../../test/support/made-up-lead.ts'
import { standingSearchInput, watchedPerson } from '../../test/support/watched-person.ts'
import type { AccountActor } from '../actor/actor.ts'
import { suspend } from '../access/suspensions.ts'
import { newId } from '../store/ids.ts'
import { openStore } from '../store/store.ts'
import { setUpStandingSearch } from '../watch/set-up-standing-search.ts'
import { Watcher } from '../watch/watcher.ts'
import { Deliverer, type DeliveryOptions } from './deliver.ts'
import { chooseNotices } from './notice-choice.ts'
import { SIGNATURE_HEADER, signatureOf, TIMESTAMP_HEADER } from './send-webhook.ts'
import { addWebhook, listWebhooks, removeWebhook } from './webhooks.ts'

const MINUTE_MS = 60_000
/** What a slow receiver takes for one message; for the forty that two deliverers may have under way, less than a lease. */
const TAKING_MS = 1400
const HOUR_MS = 60 * MINUTE_MS
const publicUrl = new URL('https://likeness.example')

interface Received {
  headers: IncomingMessage['headers']
  body: string
}

/** A receiver of webhooks. @param answer the status; undefined: it never answers */
async function receiver(
  received: Received[],
  { port = 0, answer = () => 204 }: { port?: number; answer?: () => number | undefined } = {},
): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      received.push({ headers: request.headers, body })
      const status = answer()
      if (status !== undefined) response.writeHead(status).end()
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, port: (server.address() as AddressInfo).port }
}

async function mailServer(mails: string[], port = 0): Promise<{ server: SMTPServer; port: number }> {
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString())
        done()
      })
    },
  })
  const listening = server.listen(port, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { server, port: (listening.address() as AddressInfo).port }
}

/** A record with one alert, and an administrator, a liaison who wants mail, a supervisor. */
async function withAlert() {
  const store = await storeWithCollection()
  const ctx = madeUpContext(store)
  onTestFinished(() => ctx.index.close())
  const agencyId = await agencyOfRecord(store)
  const administrator = await madeUpAccount(store, agencyId, 'Anna', ['administrator'])
  const liaison = await madeUpAccount(store, agencyId, 'Larysa', ['liaison'])
  const child = unitVector()
  const personId = await watchedPerson(store, liaison, [child])
  await setUpStandingSearch(
    ctx,
    liaison,
    standingSearchInput(personId, { threshold: 0.5 }),
    new AbortController().signal,
  )
  await enrol(store, [{ ...testPhoto('a.jpg'), templates: [mateOf(child, 0.8)] }])
  const watcher = new Watcher(ctx, (error) => expect(error).toBeUndefined())
  await watcher.drain()
  await watcher.stop()
  const { id: alertId } = await store.db.selectFrom('alert').select('id').executeTakeFirstOrThrow()
  let nowMs = Date.now()
  // A test that passes midnight tells of its alert alone: the summary of that day counts as told.
  const tomorrow = new Date(nowMs + 24 * HOUR_MS).toISOString().slice(0, 10)
  await store.db.insertInto('agency_summary').values({ agency_id: agencyId, day: tomorrow }).execute()
  const deliverer = (options: Partial<DeliveryOptions>): Deliverer =>
    new Deliverer(
      ctx,
      { mail: undefined, hosts: ['127.0.0.1:*'], publicUrl, now: () => nowMs, ...options },
      (error) => expect(error).toBeUndefined(),
    )
  return {
    store,
    ctx,
    agencyId,
    administrator,
    liaison,
    alertId,
    deliverer,
    pass: (ms: number) => (nowMs += ms),
  }
}

async function hook(ctx: Parameters<typeof addWebhook>[0], actor: AccountActor, port: number) {
  return addWebhook(ctx, actor, { url: `http://127.0.0.1:${port}/likeness`, hosts: ['127.0.0.1:*'] })
}

test('an alert goes out signed, by webhook and by e-mail, with a link and without a name', async () => {
  const { ctx, administrator, liaison, alertId, deliverer } = await withAlert()
  const [received, mails]: [Received[], string[]] = [[], []]
  const { port } = await receiver(received)
  const mail = await mailServer(mails)
  const { secret } = await hook(ctx, administrator, port)
  await chooseNotices(ctx, liaison, { alerts: true, summaries: false })
  const options = { mail: { smtpUrl: `smtp://127.0.0.1:${mail.port}`, mailFrom: 'likeness@agency.example' } }
  await deliverer(options).deliverDue()
  await deliverer(options).deliverDue()

  expect(received).toHaveLength(1)
  const [{ headers, body }] = received
  expect(headers[SIGNATURE_HEADER]).toBe(signatureOf(secret, String(headers[TIMESTAMP_HEADER]), body))
  expect(JSON.parse(body)).toEqual({
    id: headers['likeness-id'],
    kind: 'alert',
    at: expect.any(String) as string,
    alertId,
    link: `https://likeness.example/alerts/${alertId}`,
  })
  expect(mails).toHaveLength(1)
  expect(mails[0].replaceAll('=\r\n', '')).toContain(`https://likeness.example/alerts/${alertId}`)
  expect(mails[0]).toContain('To: ' + (await emailOf(ctx, liaison)))
})

async function emailOf(
  { store }: Parameters<typeof addWebhook>[0],
  { accountId }: AccountActor,
): Promise<string> {
  const row = await store.db
    .selectFrom('account')
    .select('email')
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
  return row.email
}

test('receivers that are down for an hour get the message when they are back, once, and are not pestered', async () => {
  const { ctx, administrator, liaison, deliverer, pass } = await withAlert()
  const [received, mails]: [Received[], string[]] = [[], []]
  const web = await receiver(received)
  const mail = await mailServer(mails)
  await hook(ctx, administrator, web.port)
  await chooseNotices(ctx, liaison, { alerts: true, summaries: false })
  web.server.close()
  await new Promise<void>((resolve) => mail.server.close(() => resolve()))
  const options = { mail: { smtpUrl: `smtp://127.0.0.1:${mail.port}`, mailFrom: 'likeness@agency.example' } }
  for (let minute = 0; minute < 60; minute++) {
    await deliverer(options).deliverDue()
    pass(MINUTE_MS)
  }
  const attempts = await ctx.store.db
    .selectFrom('delivery')
    .select(['attempts', 'state', 'last_error'])
    .execute()
  expect(attempts.map((one) => one.state)).toEqual(['waiting', 'waiting'])
  // At 0, 1, 3, 7, 15, 31 minutes.
  expect(attempts.map((one) => one.attempts)).toEqual([6, 6])
  expect(attempts[0].last_error).toContain('ECONNREFUSED')
  expect((await listWebhooks(ctx, administrator))[0]).toMatchObject({ waiting: 1, lastSentAt: null })

  await receiver(received, { port: web.port })
  await mailServer(mails, mail.port)
  for (let minute = 0; minute < 60; minute++) {
    await deliverer(options).deliverDue()
    pass(MINUTE_MS)
  }
  expect([received.length, mails.length]).toEqual([1, 1])
})

test('a process that ends while it sends leaves the message to the next, with the same id', async () => {
  const { ctx, administrator, deliverer, pass } = await withAlert()
  const received: Received[] = []
  let answer: number | undefined
  const web = await receiver(received, { answer: () => answer })
  await hook(ctx, administrator, web.port)
  const first = deliverer({})
  const sending = first.deliverDue()
  await expect.poll(() => received.length, { timeout: 5000 }).toBe(1)
  await first.stop()
  await sending
  await deliverer({}).deliverDue()
  expect(received).toHaveLength(1)
  pass(MINUTE_MS)
  answer = 200
  await deliverer({}).deliverDue()
  expect(received).toHaveLength(2)
  expect(received[1].headers['likeness-id']).toBe(received[0].headers['likeness-id'])
  expect(received[1].body).toBe(received[0].body)
})

test('nothing goes to a host that the operator does not allow, to a removed webhook, or to who is suspended', async () => {
  const { store, ctx, administrator, liaison, deliverer, pass } = await withAlert()
  for (const url of [
    'https://elsewhere.example/x',
    'http://elsewhere.example/',
    'file:///etc/passwd',
    'nonsense',
  ])
    await expect(addWebhook(ctx, administrator, { url, hosts: ['here.example'] }), url).rejects.toMatchObject(
      {
        code: 'bad_input',
      },
    )
  const ports = ['https://here.example:8443/', 'https://here.example:80/']
  for (const url of ports) {
    const refused = addWebhook(ctx, administrator, { url, hosts: ['here.example', 'there.example:8443'] })
    await expect(refused, url).rejects.toMatchObject({ code: 'bad_input' })
  }
  for (const hosts of [['here.example'], ['here.example:443'], ['here.example:*']]) {
    const { id } = await addWebhook(ctx, administrator, { url: 'https://here.example/', hosts })
    await removeWebhook(ctx, administrator, { id })
  }
  for (let number = 0; number < 20; number++) await hook(ctx, administrator, 1)
  await expect(hook(ctx, administrator, 1)).rejects.toMatchObject({ code: 'limit_exceeded' })
  for (const { id } of await listWebhooks(ctx, administrator)) await removeWebhook(ctx, administrator, { id })
  const received: Received[] = []
  const web = await receiver(received, { answer: () => 500 })
  const { id } = await hook(ctx, administrator, web.port)
  await deliverer({}).deliverDue()
  expect(received).toHaveLength(1)
  pass(HOUR_MS)
  await deliverer({ hosts: [] }).deliverDue()
  expect(received).toHaveLength(1)
  await removeWebhook(ctx, administrator, { id })
  pass(HOUR_MS)
  await deliverer({}).deliverDue()
  expect(received).toHaveLength(1)

  const mails: string[] = []
  const mail = await mailServer(mails)
  await chooseNotices(ctx, liaison, { alerts: true, summaries: false })
  await store.db.updateTable('notice').set({ spread_at: null }).execute()
  const operator = { kind: 'operator' as const, name: 'test' }
  await suspend(ctx, operator, { kind: 'account', id: liaison.accountId, reason: 'test' })
  const options = { mail: { smtpUrl: `smtp://127.0.0.1:${mail.port}`, mailFrom: 'likeness@agency.example' } }
  await deliverer(options).deliverDue()
  expect(mails).toEqual([])
})

/** Another process's deliverer: a store of its own on the same record. */
async function otherDeliverer(dataFolder: string, options: DeliveryOptions): Promise<Deliverer> {
  const store = await openStore({ dataFolder, operatorKey: undefined })
  onTestFinished(() => store.close())
  return new Deliverer({ store }, options, (error) => expect(error).toBeUndefined())
}

/** A receiver that sixty messages wait for, and a clock that goes on whenever it takes one. */
async function slowReceiver() {
  const made = await withAlert()
  const { store, ctx, administrator, pass } = made
  let nowMs = pass(0)
  const sentAt: number[] = []
  const received: Received[] = []
  // All of them take longer than a lease of the beginning lasts.
  const web = await receiver(received, {
    answer: () => {
      sentAt.push(nowMs)
      nowMs += TAKING_MS
      return 204
    },
  })
  await hook(ctx, administrator, web.port)
  const [notice] = await store.db.selectFrom('notice').selectAll().execute()
  for (let more = 0; more < 59; more += 1) {
    const { seq: _seq, ...row } = notice
    await store.db
      .insertInto('notice')
      .values({ ...row, id: newId() })
      .execute()
  }
  return { ...made, now: () => nowMs, sentAt, received }
}

test('slow receivers get each message once from two deliverers', async () => {
  const { store, deliverer, now, received } = await slowReceiver()
  const options = { mail: undefined, hosts: ['127.0.0.1:*'], publicUrl, now }
  const other = await otherDeliverer(store.dataFolder, options)
  await Promise.all([deliverer({ now }).deliverDue(), other.deliverDue()])
  await other.deliverDue()
  expect(received).toHaveLength(60)
  expect(new Set(received.map(({ headers }) => headers['likeness-id'])).size).toBe(60)
})

test('a message is stamped with the time at which it was sent, however long those before it took', async () => {
  const { deliverer, now, sentAt, received } = await slowReceiver()
  await deliverer({ now }).deliverDue()
  expect(received).toHaveLength(60)
  // Twenty are under way at once, and a stamp is in whole seconds.
  const stamps = received.map(({ headers }) => Number(headers[TIMESTAMP_HEADER]) * 1000)
  for (const [at, stamp] of stamps.entries()) expect(sentAt[at] - stamp).toBeLessThan(20 * TAKING_MS + 1000)
})

test('a mail server that takes longer than a lease gets the message once', async () => {
  const { store, ctx, liaison, deliverer } = await withAlert()
  let letGo: (() => void) | undefined
  const begun: string[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo(address, _session, done) {
      begun.push(address.address)
      letGo = done
    },
    onData(stream, _session, done) {
      stream.resume()
      stream.on('end', () => done())
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  await chooseNotices(ctx, liaison, { alerts: true, summaries: false })
  const mail = {
    smtpUrl: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    mailFrom: 'likeness@agency.example',
  }
  const options = { mail, hosts: [], publicUrl, now: Date.now, leaseMs: 600 }
  const sending = deliverer(options).deliverDue()
  await expect.poll(() => begun.length, { timeout: 5000 }).toBe(1)
  const leaseOf = async (): Promise<string> =>
    (await store.db.selectFrom('delivery').select('next_at').executeTakeFirstOrThrow()).next_at
  const firstLease = await leaseOf()
  const other = await otherDeliverer(store.dataFolder, options)
  // Until the lease with which it was taken is over by the clock, and still nobody else may take it.
  await expect.poll(() => new Date().toISOString() > firstLease, { timeout: 5000 }).toBe(true)
  await other.deliverDue()
  expect((await leaseOf()) > firstLease).toBe(true)
  letGo!()
  await sending
  await other.deliverDue()
  expect(begun).toHaveLength(1)
  expect(await store.db.selectFrom('delivery').select(['state', 'attempts']).execute()).toEqual([
    { state: 'sent', attempts: 1 },
  ])
})
