import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { busy, clientOf, lost, type Answer } from '../../test/support/answering-server.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { AppError } from '../errors.ts'
import { ServerClient } from './server-options.ts'

async function serverOf(answer: Answer) {
  const { address, sent } = await clientOf(answer)
  const apiKeyFile = path.join(scratchFolder(), 'key')
  writeFileSync(apiKeyFile, 'secret\n')
  return { server: new ServerClient({ server: `${address}/`, apiKeyFile }), address, sent }
}

test('what a service refuses comes with its own code and words, and when to ask again', async () => {
  const { server, sent } = await serverOf(busy(7, 429, 'too_many_requests'))
  const refusal = {
    name: 'AppError',
    code: 'too_many_requests',
    message: 'Too much at once.',
    retryAfterSeconds: 7,
  }
  await expect(server.call('listCases', {})).rejects.toMatchObject(refusal)
  await expect(server.with((api) => api.call('listCases', {}))).rejects.toMatchObject(refusal)
  expect(sent[0].headers.authorization).toBe('Bearer secret')
})

test('a service that does not answer is named', async () => {
  const { server, address } = await serverOf(lost)
  await expect(server.call('listCases', {})).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining(`${address} cannot be reached: `) as string,
  })
})

test('what fails on this side, and what was broken off, is not said of the service', async () => {
  const { server } = await serverOf(lost)
  const here = new AppError('unreadable_input', 'The disk is gone.')
  await expect(server.with(() => Promise.reject(here))).rejects.toBe(here)
  const stop = new AbortController()
  stop.abort(new Error('broken off'))
  const { signal } = stop
  await expect(server.with((api) => api.call('listCases', { signal }), signal)).rejects.toThrow('broken off')
})
