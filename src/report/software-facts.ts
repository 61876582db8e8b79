import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { listPacks } from '../engine/pack/find-pack.ts'
import { filesOf, ofSources } from '../engine/pack/manifest.ts'
import type { ReportContent } from './report-content.ts'

/** Libraries that turn bytes into pixels and pixels into templates. */
const LIBRARIES = ['onnxruntime-node', 'sharp', 'libheif-js', 'pdfkit'] as const

let programSha256: string | undefined

/** What made the result: program, libraries and model files, with their hashes. */
export async function softwareFacts(
  packId: string,
  pipelineVersion: string,
): Promise<ReportContent['software']> {
  const { version, dependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string; dependencies: Record<string, string> }
  const manifest = (await listPacks()).find((pack) => pack.manifest.id === packId)?.manifest
  return {
    likeness: version,
    programSha256: (programSha256 ??= hashProgram()),
    node: process.version,
    libraries: Object.fromEntries(LIBRARIES.map((name) => [name, dependencies[name]])),
    pack: {
      id: packId,
      pipelineVersion,
      title: manifest?.title ?? null,
      licence: manifest === undefined ? null : ofSources(manifest, ({ licence }) => licence),
      provenance: manifest === undefined ? null : ofSources(manifest, ({ provenance }) => provenance),
    },
    models: manifest === undefined ? [] : filesOf(manifest),
  }
}

/** SHA-256 over the names and hashes of the program's files, in the order of their names. */
function hashProgram(): string {
  const folder = fileURLToPath(new URL('..', import.meta.url))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js)$/.test(name) && !/\.(test|d)\.ts$/.test(name))
    .map((name) => name.split(path.sep).join('/'))
    .toSorted()
  const lines = files.map((name) => `${hash('sha256', readFileSync(path.join(folder, name)))}  ${name}`)
  return hash('sha256', lines.join('\n'))
}
