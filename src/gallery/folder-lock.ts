import { randomUUID } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { AppError } from '../errors.ts'

/**
 * [Note: holding a folder]
 * Who wants a folder first makes a claim, an empty file whose name says which process it is, and then looks for claims of
 * others. Of two that come at once at least the later sees the other, so never do both hold the folder; both may be refused.
 * A claim names the process's number, its start and the system's, so that one left by a killed process, whose number may be in
 * use again, is not mistaken for a held one. Claims of processes that are gone are removed by their name, which nobody else
 * uses: so a claim just made is never removed in place of a stale one, as one common lock file could be.
 * Processes that do not see each other (containers, other machines) must not share a folder.
 */
const CLAIM = 'lock'
/** Claims of this process. */
const heldHere = new Set<string>()

export interface HeldFolder {
  release(): Promise<void>
}

/**
 * Makes sure that one gallery at a time uses a folder. [Note: holding a folder]
 * @throws AppError `conflict` when it is held
 */
export async function holdFolder(folder: string): Promise<HeldFolder> {
  const name = [CLAIM, process.pid, await startOf(process.pid), randomUUID()].join('.')
  const mine = path.join(path.resolve(folder), name)
  const release = async (): Promise<void> => {
    heldHere.delete(mine)
    await rm(mine, { force: true })
  }
  heldHere.add(mine)
  try {
    await writeFile(mine, '', { flag: 'wx', mode: 0o600 })
    await refuseOthers(folder, mine)
  } catch (error) {
    await release()
    throw error
  }
  return { release }
}

/** Removes claims of processes that are gone; throws when there is another. */
async function refuseOthers(folder: string, mine: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const claim = path.join(path.resolve(folder), name)
    if (!name.startsWith(`${CLAIM}.`) || claim === mine) continue
    const [, pid, start] = name.split('.')
    if (heldHere.has(claim) || (await isRunning(Number(pid), start))) {
      throw new AppError(
        'conflict',
        `The gallery in ${folder} is open already (process ${pid}); close it first.`,
      )
    }
    await rm(claim, { force: true })
  }
}

/** Whether the process of a claim still runs. */
async function isRunning(pid: number, start: string): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const known = await startOf(pid)
  // Where the system does not tell, this process holds no claim that it does not know of.
  return known === '' ? pid !== process.pid : known === start
}

/** When a process was started: the system's boot and ticks since, where the system tells, else nothing. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  // The name may hold spaces and brackets; of what follows it the start is the 20th field.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return ticks === undefined ? '' : `${boot.trim()}-${ticks}`
}
