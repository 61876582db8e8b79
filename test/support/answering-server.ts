import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { ApiClient, type ApiClientOptions } from '../../src/contract/client/api-client.ts'

/** One request as it came. */
export interface SentRequest {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: Buffer
}

/** How a server answers one request, which it has read whole. */
export type Answer = (response: ServerResponse, request: SentRequest) => void

/** A client of a server that keeps what it is sent and answers as it is told; it ends with the test. */
export async function clientOf(
  answer: Answer,
  options: Partial<ApiClientOptions> = {},
): Promise<{ client: ApiClient; sent: SentRequest[]; address: string }> {
  const sent: SentRequest[] = []
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request
    const one = { method, url, headers, body: await buffer(request) }
    sent.push(one)
    answer(response, one)
  }
  const server = createServer((request, response) => void receive(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { client: new ApiClient({ server: address, ...options }), sent, address }
}

/** Answers with JSON. */
export function json(value: unknown, status = 200): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
}

/** Says that it is busy, and after how many seconds to ask again. */
export function busy(afterSeconds = 0, status = 503, code = 'busy'): Answer {
  return (response, request) => {
    response.setHeader('retry-after', afterSeconds)
    json({ code, detail: 'Too much at once.', requestId: 'r-1' }, status)(response, request)
  }
}

/** Something between says so, in words that are no problem document. */
export const busyBetween: Answer = (response) =>
  void response.writeHead(503, { 'content-type': 'text/html', 'retry-after': '0' }).end('<h1>Wait</h1>')

/** Does not answer: the connection ends instead. */
export const lost: Answer = (response) => void response.destroy()
