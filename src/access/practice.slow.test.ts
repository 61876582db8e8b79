import path from 'node:path'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { join, newClient, startTestService } from '../../test/support/test-service.ts'
import { readServiceConfig } from '../config.ts'
import { openContext, type OpenContext } from '../open-context.ts'
import { createEngine } from '../engine/create-engine.ts'
import { startService, type Service } from '../http/start-service.ts'
import { makePracticeRecord } from './practice.ts'

async function record(): Promise<OpenContext> {
  const ctx = await openContext({
    dataFolder: path.join(scratchFolder(), 'data'),
    operatorKey: undefined,
    createEngine: async () => createEngine({ workers: 1 }),
  })
  onTestFinished(() => ctx.close())
  return ctx
}

async function serve(
  ctx: OpenContext,
  settings: Record<string, unknown> = {},
  options: { practice?: boolean } = {},
): Promise<Service> {
  const config = readServiceConfig({ port: 0, publicUrl: 'http://likeness.test', ...settings }, {})
  const service = await startService(ctx, config, pino({ level: 'silent' }), options)
  onTestFinished(() => service.stop())
  return service
}

test('a record for work is never one for practice: not by a flag, the environment, or a row written past the code', async () => {
  const service = await startTestService()
  onTestFinished(() => service.remove())
  const operator = await join(service.address, service.setupLink!, { email: 'o@instance.example', name: 'O' })
  const visitor = newClient(service.address)
  expect(await visitor.call('showPractice', {})).toEqual({ isPractice: false, accounts: [] })
  const body = { accountId: operator.accountId }
  await expect(visitor.call('signInForPractice', { body })).rejects.toMatchObject({ code: 'not_found' })
  const { db } = service.ctx.store
  await expect(makePracticeRecord(service.ctx)).rejects.toMatchObject({ code: 'conflict' })
  const row = { id: 1, made_at: new Date().toISOString(), password: 'x' }
  await expect(db.insertInto('practice').values(row).execute()).rejects.toThrow(/Only a new record/)
  const config = readServiceConfig({ port: 0 }, { LIKENESS_PRACTICE: '1' })
  await expect(
    startService(service.ctx, config, pino({ level: 'silent' }), { practice: true }),
  ).rejects.toMatchObject({ code: 'bad_input', message: expect.stringContaining('not made for practice') })
  await expect(visitor.call('signInForPractice', { body })).rejects.toMatchObject({ code: 'not_found' })
})

test('a record for practice stays one, is served only for practice and on this machine, and lets anybody in with one click', async () => {
  const ctx = await record()
  await makePracticeRecord(ctx)
  for (const change of [
    ctx.store.db.deleteFrom('practice'),
    ctx.store.db.updateTable('practice').set({ password: 'another' }),
  ])
    await expect(change.execute()).rejects.toThrow(/practice/)
  await expect(serve(ctx)).rejects.toMatchObject({
    code: 'bad_input',
    message: expect.stringContaining('practice instance'),
  })
  for (const settings of [{ host: '0.0.0.0' }, { trustProxy: '127.0.0.1' }])
    await expect(serve(ctx, settings, { practice: true }), JSON.stringify(settings)).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('this machine only'),
    })
  const service = await serve(ctx, {}, { practice: true })
  const who = { email: 'o@practice.example', name: 'Olena Operator' }
  const { accountId } = await join(service.address, service.setupLink!, who)
  const visitor = newClient(service.address)
  const { isPractice, accounts } = await visitor.call('showPractice', {})
  expect({ isPractice, accounts }).toEqual({
    isPractice: true,
    accounts: [{ accountId, name: who.name, agency: null, roles: ['operator'] }],
  })
})
