import { InvalidArgumentError } from 'commander'
import type { DetectionMode } from '../engine/types.ts'

const MODES: readonly DetectionMode[] = ['fast', 'standard', 'thorough']

/** Reads `--mode`. */
export function parseMode(value: string): DetectionMode {
  const mode = MODES.find((candidate) => candidate === value)
  if (mode === undefined) throw new InvalidArgumentError(`expected one of ${MODES.join(', ')}.`)
  return mode
}

/** Reads a whole number from 1 up. */
export function parseCount(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('expected a whole number from 1 up.')
  return count
}

/** Reads a similarity threshold. */
export function parseSimilarity(value: string): number {
  const similarity = Number(value)
  if (value.trim() === '' || !(similarity >= -1 && similarity <= 1))
    throw new InvalidArgumentError('expected a number from -1 to 1.')
  return similarity
}
