import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import process from 'node:process'

/** Name of this process in leases: machine, process id, and when it started, because process ids come again. */
export const LEASEHOLDER = `${hostname()}/${process.pid}/${startOf(process.pid) ?? 'unknown'}`

/** Whether a leaseholder of this machine is known to be dead; of other machines nothing is known. */
export function isDead(leaseholder: string): boolean {
  const [host, pid, start] = leaseholder.split('/')
  if (host !== hostname()) return false
  const started = startOf(Number(pid))
  return started === undefined || (start !== 'unknown' && started !== start)
}

/** Clock ticks since boot at which a process started, field 22 of /proc/…/stat (proc_pid_stat(5)); undefined when there is none. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return processExists(pid) ? 'unknown' : undefined
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
