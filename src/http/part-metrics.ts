import { Gauge } from 'prom-client'
import { failureCode, partStatuses, type PartsContext } from './part-statuses.ts'

/** How the parts of the service stand, by name. */
export function partGauges(ctx: PartsContext): Gauge[] {
  const failed = new Gauge({
    name: 'likeness_part_failed',
    help: '1 while a part has failed and is tried again, 0 otherwise',
    labelNames: ['part'],
    registers: [],
    collect() {
      for (const [part, { state }] of Object.entries(partStatuses(ctx)))
        this.set({ part }, state === 'failed' ? 1 : 0)
    },
  })
  const failures = new Gauge({
    name: 'likeness_part_failures',
    help: 'Times that a part has failed since the service started',
    labelNames: ['part'],
    registers: [],
    collect() {
      for (const [part, status] of Object.entries(partStatuses(ctx))) this.set({ part }, status.failures)
    },
  })
  const lastError = new Gauge({
    name: 'likeness_part_last_error_seconds',
    help: 'Unix time of the newest failure of a part, with its code, also when it works again',
    labelNames: ['part', 'code'],
    registers: [],
    collect() {
      this.reset()
      for (const [part, { lastFailure }] of Object.entries(partStatuses(ctx)))
        if (lastFailure !== undefined)
          this.set({ part, code: failureCode(lastFailure) }, lastFailure.atMs / 1000)
    },
  })
  return [failed, failures, lastError]
}
