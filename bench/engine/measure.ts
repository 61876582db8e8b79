import { readFileSync } from 'node:fs'

/** What one program did in one round. */
export interface RoundResult {
  photos: number
  faces: number
  seconds: number
  /** Peak resident memory of the process, from its start. */
  peakMegabytes: number
}

export function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}

/** The kernel's own record of the largest resident set (VmHWM). */
export function peakMemoryMegabytes(): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
  return line === null ? Number.NaN : Math.round(Number(line[1]) / 1024)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
