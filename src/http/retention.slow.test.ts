import { rmSync } from 'node:fs'
import path from 'node:path'
import pino from 'pino'
import { expect, test } from 'vitest'
import { enrol, testPhoto } from '../../test/support/enrolled-record.ts'
import {
  newAccount,
  newAgency,
  newClient,
  PUBLIC_URL,
  setUp,
  startTestService,
} from '../../test/support/test-service.ts'
import { readServiceConfig } from '../config.ts'
import { startService } from './start-service.ts'

test('the service erases what passed its date; a supervisor holds it, and lets it go', async () => {
  const service = await startTestService()
  const { store } = service.ctx
  const operator = await setUp(service)
  const agencyId = await newAgency(operator, 'Agency')
  const curator = await newAccount(operator, agencyId, 'Curator', ['curator'])
  const supervisor = await newAccount(operator, agencyId, 'Supervisor', ['supervisor'])
  const collection = async (title: string): Promise<string> => {
    const body = {
      title,
      lawfulBasis: 'test',
      sensitivity: 'ordinary' as const,
      retentionUntil: '2020-01-01',
    }
    const { id } = await curator.client.call('createCollection', { body })
    await enrol(store, [testPhoto(`${title}.jpg`)], title)
    return id
  }
  const left = async (): Promise<string[]> =>
    (await store.db.selectFrom('source').select('name').orderBy('name').execute()).map(({ name }) => name)

  const held = await collection('held')
  await collection('past')
  const hold = await supervisor.client.call('imposeHold', {
    params: { id: held },
    body: { reason: 'a trial' },
  })
  await expect(
    curator.client.call('imposeHold', { params: { id: held }, body: { reason: 'mine' } }),
  ).rejects.toMatchObject({ code: 'not_allowed' })
  await service.stop()

  // Collections are gone through in the order in which they were made: when 'past' has gone, 'held' was passed over.
  const config = readServiceConfig({ port: 0, publicUrl: PUBLIC_URL, logLevel: 'silent' }, {})
  const second = await startService(service.ctx, config, pino({ level: 'silent' }))
  await expect.poll(left, { timeout: 10_000 }).toEqual(['held.jpg'])
  const client = newClient(second.address)
  for (const [name, value] of supervisor.client.cookies) client.cookies.set(name, value)
  await client.call('liftHold', { params: { id: hold.id }, body: { reason: 'the trial is over' } })
  expect(await client.call('listHolds', { params: { id: held } })).toMatchObject([
    { reason: 'a trial', imposedBy: 'Supervisor', liftedBy: 'Supervisor', liftReason: 'the trial is over' },
  ])
  await second.stop()

  const third = await startService(service.ctx, config, pino({ level: 'silent' }))
  await expect.poll(left, { timeout: 10_000 }).toEqual([])
  const events = await store.db
    .selectFrom('audit_event')
    .select(['action', 'actor'])
    .where((where) => where.or([where('action', 'like', 'hold.%'), where('action', '=', 'retention.erase')]))
    .where('outcome', '=', 'done')
    .orderBy('seq')
    .execute()
  expect(events).toEqual([
    { action: 'hold.impose', actor: 'Supervisor' },
    { action: 'retention.erase', actor: 'retention job' },
    { action: 'hold.lift', actor: 'Supervisor' },
    { action: 'retention.erase', actor: 'retention job' },
  ])
  await third.stop()
  await service.ctx.close()
  rmSync(path.dirname(service.dataFolder), { recursive: true, force: true })
}, 120_000)
