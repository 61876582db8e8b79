import { open, type FileHandle } from 'node:fs/promises'
import { ConcurrencyLimit } from '../concurrency/concurrency-limit.ts'
import { AppError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import { MAX_VIDEO_BYTES } from './limits.ts'
import { writeWorkingFile } from './working-file.ts'

/** Programs that decode for people at the same time; more wait. */
const AT_ONCE = 2
/** How long a decrypted working file is kept after its last use: the next picture of the same list needs it again. */
const KEEP_MS = 60_000
/** Decrypted bytes kept at once. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024 * 1024

interface OpenFile {
  opening: Promise<{ file: FileHandle; byteLength: number }>
  byteLength: number
  users: number
  lastUsedMs: number
}

/** Originals of videos as files that the decoder can read, see [Note: working files]; and how many read for people at once. */
export class VideoFiles {
  readonly #store: Store
  readonly #open = new Map<string, OpenFile>()
  readonly #programs = new ConcurrencyLimit({ places: AT_ONCE })
  #timer: NodeJS.Timeout | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /**
   * Gives an original's open file to `work`, at most a few at once.
   * @throws AppError `corrupt_record` when the original is missing, `storage_full`; what `work` throws
   */
  async use<Result>(
    sha256: string,
    work: (inputFd: number) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    return this.#programs.run(async () => {
      const opened = await this.#take(sha256)
      try {
        return await work((await opened.opening).file.fd)
      } finally {
        opened.users -= 1
        opened.lastUsedMs = performance.now()
        await this.#sweep()
      }
    }, signal)
  }

  /** Closes every file; those still in use are closed by their last user's end of process. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    for (const sha256 of this.#open.keys()) await this.#forget(sha256)
  }

  async #take(sha256: string): Promise<OpenFile> {
    let opened = this.#open.get(sha256)
    if (opened === undefined) {
      opened = { opening: this.#openOriginal(sha256), byteLength: 0, users: 0, lastUsedMs: 0 }
      this.#open.set(sha256, opened)
    }
    opened.users += 1
    try {
      opened.byteLength = (await opened.opening).byteLength
      return opened
    } catch (error) {
      this.#open.delete(sha256)
      throw error
    }
  }

  async #openOriginal(sha256: string): Promise<{ file: FileHandle; byteLength: number }> {
    const { vault } = this.#store
    if (!(await vault.has(sha256))) {
      throw new AppError(
        'corrupt_record',
        `The original ${sha256} is missing. Run \`likeness doctor\`; restore it from a backup.`,
      )
    }
    if (!vault.isEncrypted) return { file: await open(vault.fileOf(sha256), 'r'), byteLength: 0 }
    const written = await writeWorkingFile(this.#store, vault.chunks(sha256), MAX_VIDEO_BYTES)
    if (written === undefined)
      throw new AppError('limit_exceeded', `The original ${sha256} is larger than MAX_VIDEO_BYTES.`)
    return written
  }

  /** Closes what nobody uses: files that are not encrypted at once, decrypted ones after a while or when they are many. */
  async #sweep(): Promise<void> {
    const now = performance.now()
    const idle = [...this.#open]
      .filter(([, { users }]) => users === 0)
      .toSorted(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs)
    let kept = [...this.#open.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    for (const [sha256, { byteLength, lastUsedMs }] of idle) {
      if (byteLength > 0 && kept <= MAX_KEPT_BYTES && now - lastUsedMs < KEEP_MS) continue
      kept -= byteLength
      await this.#forget(sha256)
    }
    clearTimeout(this.#timer)
    if (this.#open.size > 0) this.#timer = setTimeout(() => void this.#sweep(), KEEP_MS).unref()
  }

  async #forget(sha256: string): Promise<void> {
    const opened = this.#open.get(sha256)
    this.#open.delete(sha256)
    await opened?.opening.then(({ file }) => file.close()).catch(() => undefined)
  }
}
