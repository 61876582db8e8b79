import { once } from 'node:events'
import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Anchors } from '../audit/anchors/anchors.ts'
import { agencyBytes } from '../store/vault/storage-quota.ts'
import type { HttpContext } from './http-context.ts'
import { partGauges } from './part-metrics.ts'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Counters without personal data: operations and statuses, never accounts, cases or addresses. */
export interface Metrics {
  readonly registry: Registry
  readonly requestSeconds: Histogram<'operation' | 'status'>
}

/** Counts what the service does, how much is under way, and which parts of it have failed. */
export function createMetrics(
  ctx: Pick<HttpContext, 'live' | 'index' | 'engineStatus' | 'parts' | 'store' | 'agencyQuotaBytes'>,
  anchors: Anchors,
): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requestSeconds = new Histogram({
    name: 'likeness_request_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['operation', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 20],
    registers: [registry],
  })
  const gauge = new Gauge({
    name: 'likeness_live_work',
    help: 'Requests and streams under way',
    registers: [],
    collect() {
      this.set(ctx.live.size)
    },
  })
  registry.registerMetric(gauge)
  for (const gauge of partGauges(ctx)) registry.registerMetric(gauge)
  const anchorFailures = new Gauge({
    name: 'likeness_anchor_failures',
    help: 'Tries in a row in which a place did not take a checkpoint of the audit log, by kind of place',
    labelNames: ['kind'],
    registers: [],
    collect() {
      for (const { anchor, failures } of anchors.states) this.set({ kind: anchor.kind }, failures)
    },
  })
  registry.registerMetric(anchorFailures)
  const agencyBytesHeld = new Gauge({
    name: 'likeness_agency_bytes',
    help: 'Bytes of originals that an agency keeps, with those on their way, by its id; only where they are limited',
    labelNames: ['agency'],
    registers: [],
    async collect() {
      if (ctx.agencyQuotaBytes === undefined) return
      const agencies = await ctx.store.lookups.selectFrom('agency').select('id').execute()
      for (const { id } of agencies) this.set({ agency: id }, await agencyBytes(ctx.store.lookups, id))
    },
  })
  registry.registerMetric(agencyBytesHeld)
  return { registry, requestSeconds }
}

/** Measures each request, and writes one line about it: operation, status, time, number. */
export function countRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const operation = request.routeOptions.config.operation ?? 'none'
    const ms = Math.round(reply.elapsedTime)
    metrics.requestSeconds.observe({ operation, status: String(reply.statusCode) }, reply.elapsedTime / 1000)
    request.log.info({ operation, status: reply.statusCode, ms }, 'request')
  })
}

/** Metrics on a port of this machine only, apart from the service: they are nobody's business but the operator's. */
export function serveMetrics(metrics: Metrics): { listen(port: number): Promise<void>; close(): void } {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    void metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  return {
    async listen(port) {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    close: () => void server.close(),
  }
}
