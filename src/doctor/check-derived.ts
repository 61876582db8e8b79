import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { MediaVault } from '../store/vault/media-vault.ts'
import type { Store } from '../store/store.ts'
import { isDerivedInUse } from '../video/derivatives.ts'
import { isPartInUse } from '../uploads/upload-parts.ts'
import type { Finding } from './finding.ts'

/** A file without a row may belong to a process that is about to write the row; after this long it does not. */
const LEFTOVER_AGE_MS = 60 * 60 * 1000

/**
 * Checks what is made from videos and what is on its way in: every kept file is what was written, each has its row, and each
 * row its file. Repairing takes away what does not hold; it is made again when it is wanted, and sent again.
 */
export async function checkDerived(store: Store, repair: boolean): Promise<Finding[]> {
  const findings: Finding[] = []
  const rows = await store.db.selectFrom('derivative').select(['id', 'kind', 'sha256']).execute()
  for (const { id, kind, sha256 } of rows) {
    const { state } = await store.derived.check(sha256)
    if (state === 'good') continue
    if (repair) {
      await store.db.deleteFrom('derivative').where('id', '=', id).execute()
      await store.derived.erase(sha256)
    }
    const detail = `The ${kind} made from a video is ${state}; it is made again when it is wanted.`
    findings.push({ severity: 'derived', where: `derivative ${id}`, detail, repaired: repair })
  }
  findings.push(
    ...(await leftovers(store, store.derived, (sha256) => isDerivedInUse(store.db, sha256), repair)),
  )
  findings.push(...(await leftovers(store, store.uploads, (sha256) => isPartInUse(store.db, sha256), repair)))
  return findings
}

async function leftovers(
  { dataFolder }: Store,
  folder: MediaVault,
  isInUse: (sha256: string) => Promise<boolean>,
  repair: boolean,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for await (const entry of folder.entries()) {
    if (entry.kind === 'media' && (await isInUse(entry.sha256))) continue
    const old = Date.now() - entry.modifiedMs > LEFTOVER_AGE_MS
    if (repair && old) await rm(entry.file, { force: true })
    findings.push({
      severity: 'leftover',
      where: path.relative(dataFolder, entry.file),
      detail: 'No row refers to it: what made it was cut off.',
      repaired: repair && old,
    })
  }
  return findings
}
