import { open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { AppError } from '../errors.ts'

const LOCK_FILE = 'lock'
/** Folders that this process holds. */
const heldHere = new Set<string>()

export interface HeldFolder {
  release(): Promise<void>
}

/**
 * Makes sure that one gallery at a time writes to a folder. The lock names a process and when it was started, so that one left
 * by a killed process, whose number may be in use again, is not mistaken for a held one.
 * @throws AppError `conflict` when it is held
 */
export async function holdFolder(folder: string): Promise<HeldFolder> {
  const file = path.join(path.resolve(folder), LOCK_FILE)
  const holder = await readFile(file, 'utf8').catch(() => '')
  if (heldHere.has(file) || (await isRunning(holder))) {
    throw new AppError(
      'conflict',
      `The gallery in ${folder} is open already (${holder.split(' ')[0]}); close it first.`,
    )
  }
  heldHere.add(file)
  await rm(file, { force: true })
  try {
    await using handle = await open(file, 'wx', 0o600)
    await handle.writeFile(`${process.pid} ${await startOf(process.pid)}`)
  } catch (cause) {
    heldHere.delete(file)
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw new AppError('conflict', `The gallery in ${folder} has just been opened by another process.`, {
        cause,
      })
    }
    throw cause
  }
  return {
    release: async () => {
      heldHere.delete(file)
      await rm(file, { force: true })
    },
  }
}

/** Whether the process that wrote this lock still runs; this process itself then holds no lock it does not know of. */
async function isRunning(holder: string): Promise<boolean> {
  const [number, start] = holder.split(' ')
  const pid = Number(number)
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return (await startOf(pid)) === start
}

/** When a process was started, in ticks since boot where the system tells, else nothing: then its number must do. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name may hold spaces and brackets; of what follows it the start is the 20th field.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
