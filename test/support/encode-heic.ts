import { spawnSync } from 'node:child_process'

/** Writes a HEIC photo with libheif's encoder. @throws Error that says what to install where it is missing */
export function encodeHeic(source: string, target: string): void {
  const { error, status, stderr } = spawnSync('heif-enc', ['-q', '90', source, '-o', target])
  if (error !== undefined)
    throw new Error('This slow test needs heif-enc (Debian, Ubuntu: apt-get install libheif-examples).')
  if (status !== 0) throw new Error(`heif-enc failed: ${stderr.toString()}`)
}
