import { Closing } from '../closing.ts'
import type { PartState, PartStatus } from '../concurrency/part-state.ts'
import type { WorkLoop } from '../concurrency/work-loop.ts'

/** Something that stands or works as long as the service runs. */
export interface Part {
  /** As `/ready`, metrics and the log say it: snake_case. */
  name: string
  /** Makes it ready, before anything works. What it throws ends the start. */
  begin?: () => unknown
  /** What goes on by itself, from when every part is ready. */
  loops?: readonly WorkLoop[]
  /** Ends it after its loops; called also when it was not begun, or not wholly. */
  end?: () => unknown
}

/**
 * [Note: supervisor]
 * Owns everything of the service that stands or works by itself. It starts all parts or none: they are made ready one after
 * another, and only then anything works; when one cannot be, those before it are ended again. It stops them in the opposite
 * order, each also when another one fails to stop. A part whose step fails is begun anew by its loop after a wait that grows
 * (see [Note: work loop]), and says so meanwhile.
 */
export class Supervisor {
  readonly #parts: Part[] = []
  readonly #closing = new Closing()

  /** Adds a part behind those that it needs: it is begun after them and ended before them. */
  add(part: Part): void {
    this.#parts.push(part)
    this.#closing.add(() => endPart(part))
  }

  /**
   * Begins every part that was added, then their loops.
   * @param onTrouble told of what did not end when the start failed
   * @throws what beginning a part throws, after all have been ended
   */
  async start(onTrouble: (error: unknown) => void): Promise<void> {
    try {
      for (const { begin } of this.#parts) await begin?.()
    } catch (error) {
      await this.stop().catch(onTrouble)
      throw error
    }
    for (const { loops = [] } of this.#parts) for (const loop of loops) loop.start()
  }

  /** Ends every part that was added, once. @throws the first failure, after all have been ended */
  async stop(): Promise<void> {
    await this.#closing.close()
  }

  /** Every part that works by itself, in the order in which they begin. */
  get states(): Record<string, PartStatus> {
    const working = this.#parts.filter(({ loops = [] }) => loops.length > 0)
    return Object.fromEntries(working.map(({ name, loops = [] }) => [name, statusOf(loops)]))
  }
}

async function endPart({ loops = [], end }: Part): Promise<void> {
  try {
    await Promise.all(loops.map((loop) => loop.stop()))
  } finally {
    await end?.()
  }
}

/** Worst first: a part is ready when all of its loops are. */
const WORST_FIRST: readonly PartState[] = ['failed', 'starting', 'idle', 'ready']

function statusOf(loops: readonly WorkLoop[]): PartStatus {
  const all = loops.map((loop) => loop.status)
  const failures = all.flatMap(({ lastFailure }) => (lastFailure === undefined ? [] : [lastFailure]))
  return {
    state: WORST_FIRST.find((worst) => all.some(({ state }) => state === worst)) ?? 'idle',
    failures: all.reduce((sum, one) => sum + one.failures, 0),
    lastFailure: failures.toSorted((a, b) => b.atMs - a.atMs)[0],
  }
}
