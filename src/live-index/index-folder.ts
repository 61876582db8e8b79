import { existsSync, readFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { TemplateKind } from '../store/active-templates.ts'
import { writeFileDurably } from '../store/vault/durable-files.ts'
import { indexRoot } from '../store/store.ts'

const PROGRESS_FILE = 'progress.json'

const progressSchema = z.strictObject({ removedThrough: z.int().nonnegative(), checksum: z.int() })

/** Where the index of these templates has its files. */
export function indexFolder(dataFolder: string, { packId, pipelineVersion }: TemplateKind): string {
  return path.join(
    indexRoot(dataFolder),
    `${encodeURIComponent(packId)}_${encodeURIComponent(pipelineVersion)}`,
  )
}

/** Up to which removal of the record the files have dropped what was removed; undefined when that is not known. */
export function readProgress(folder: string): number | undefined {
  const file = progressFile(folder)
  if (!existsSync(file)) return undefined
  try {
    const { removedThrough, checksum } = progressSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    return checksum === checksumOf(removedThrough) ? removedThrough : undefined
  } catch {
    return undefined
  }
}

export function writeProgress(folder: string, removedThrough: number): void {
  const text = JSON.stringify({ removedThrough, checksum: checksumOf(removedThrough) })
  writeFileDurably(progressFile(folder), text)
}

export function progressFile(folder: string): string {
  return path.join(folder, PROGRESS_FILE)
}

/** Removes the files of indexes other than this one: what they hold is no longer kept in step with the record. */
export async function removeOtherIndexes(dataFolder: string, kept: string): Promise<void> {
  const root = indexRoot(dataFolder)
  if (!existsSync(root)) return
  for (const name of await readdir(root)) {
    const folder = path.join(root, name)
    if (folder !== kept) await rm(folder, { recursive: true, force: true })
  }
}

function checksumOf(removedThrough: number): number {
  return crc32(`removed through ${removedThrough}`)
}
