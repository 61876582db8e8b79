import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { waitAfter } from '../../concurrency/back-off.ts'
import { SerialQueue } from '../../concurrency/serial-queue.ts'
import { reasonOf } from '../../errors.ts'
import { writeFileDurably } from '../../store/vault/durable-files.ts'
import type { AuditCheckpointTable } from '../../store/tables/audit-tables.ts'
import type { SigningKey } from '../signing-key.ts'
import type { Anchor } from './anchor-list.ts'
import { anchorMessage } from './anchor-message.ts'
import { sendAnchor, type Sending } from './send-anchor.ts'

/**
 * [Note: anchors]
 * Who has the data folder and the signing key can write a log of their own. What they cannot change is what was given
 * away before: each new checkpoint goes by itself to the places that the operator named, and covers all events before
 * it. A folder gets each one. The others get the newest from time to time: two instances that witness each other's logs
 * would otherwise never be quiet, since witnessing is an event too.
 */
const LEAST_MS: Record<Anchor['kind'], number> = {
  folder: 0,
  webhook: 60_000,
  instance: 3_600_000,
  mail: 24 * 3_600_000,
}
/** After a failure it is tried again, first after this long, then doubled. */
const FIRST_RETRY_MS = 10_000
const LONGEST_RETRY_MS = 3_600_000

/** What each place got last, kept beside the key, so that a start does not send everything again. */
const sentSchema = z.record(z.string(), z.object({ seq: z.int(), chain_hash: z.string(), atMs: z.number() }))

export interface AnchorState {
  anchor: Anchor
  /** Tries in a row that failed. */
  failures: number
  nextTryMs: number
}

/** Gives checkpoints to the places that the operator named. */
export class Anchors {
  readonly #states: AnchorState[]
  readonly #key: SigningKey
  readonly #options: Omit<Sending, 'signal'> & { publicUrl: URL; now: () => number }
  readonly #onTrouble: (anchor: Anchor, reason: string) => void
  readonly #stopping = new AbortController()
  readonly #queue = new SerialQueue()

  /** @param onTrouble told of every try that failed */
  constructor(
    anchors: readonly Anchor[],
    key: SigningKey,
    options: Omit<Sending, 'signal'> & { publicUrl: URL; now: () => number },
    onTrouble: (anchor: Anchor, reason: string) => void,
  ) {
    this.#states = anchors.map((anchor) => ({ anchor, failures: 0, nextTryMs: 0 }))
    this.#key = key
    this.#options = options
    this.#onTrouble = onTrouble
  }

  /** How each place stands. */
  get states(): readonly AnchorState[] {
    return this.#states
  }

  /** Gives the newest checkpoint to every place that is due. Never fails: what does is told to `onTrouble` and tried again. */
  give(checkpoint: AuditCheckpointTable): Promise<void> {
    return this.#queue.run(async () => {
      await Promise.all(this.#states.map((state) => this.#giveOne(state, checkpoint)))
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#queue.idle()
  }

  async #giveOne(state: AnchorState, checkpoint: AuditCheckpointTable): Promise<void> {
    const { anchor } = state
    const nowMs = this.#options.now()
    const last = this.#sent()[anchor.name]
    const isSame = last?.seq === checkpoint.seq && last.chain_hash === checkpoint.chain_hash
    const isDue = last === undefined || nowMs >= last.atMs + LEAST_MS[anchor.kind]
    if (isSame || !isDue || nowMs < state.nextTryMs) return
    // A folder is written at once; no other place is waited for at the end.
    if (this.#stopping.signal.aborted && anchor.kind !== 'folder') return
    const { publicUrl } = this.#options
    try {
      const message = anchorMessage(publicUrl, this.#key.publicKey, checkpoint)
      await sendAnchor(anchor, message, { ...this.#options, signal: this.#stopping.signal })
      this.#note(anchor.name, { seq: checkpoint.seq, chain_hash: checkpoint.chain_hash, atMs: nowMs })
      state.failures = 0
      state.nextTryMs = 0
    } catch (error) {
      state.failures += 1
      state.nextTryMs = nowMs + waitAfter(state.failures, FIRST_RETRY_MS, LONGEST_RETRY_MS)
      this.#onTrouble(anchor, reasonOf(error))
    }
  }

  /** Read anew each time: another process on the same record may have sent meanwhile, and it is a few lines. */
  #sent(): z.infer<typeof sentSchema> {
    const file = this.#file()
    if (!existsSync(file)) return {}
    // What cannot be read is sent again: nothing is lost by it.
    const parsed = sentSchema.safeParse(parseJson(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.data : {}
  }

  #note(name: string, sent: z.infer<typeof sentSchema>[string]): void {
    writeFileDurably(this.#file(), `${JSON.stringify({ ...this.#sent(), [name]: sent })}\n`)
  }

  #file(): string {
    return `${this.#key.file}.anchors.json`
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
