import { rm } from 'node:fs/promises'
import { recordFiles, type RecordFiles } from '../database/checkpoint.ts'
import { CheckpointThread } from '../database/checkpoint-thread.ts'
import { databaseKey, newDataKey, openKeyring, writeKeyring } from './keyring.ts'
import { MediaVault } from './media-vault.ts'
import { DERIVED_FOLDER, indexRoot, UPLOADS_FOLDER, vaultEncryption } from '../store.ts'

export interface RotateKeyInput {
  dataFolder: string
  oldKey: Uint8Array
  newKey: Uint8Array
  /** Called after each original. */
  onMedia?: (done: number) => void
}

/**
 * Replaces the operator's key and the data key under it: every original and the database are written anew.
 *
 * 1. both data keys stand in keys.json, wrapped by the new operator's key; 2. the database is written anew under the
 * new data key, in one transaction; 3. the index, which is derived, is removed; 4. each original, and what is derived or on its way in, is written anew; 5. the
 * old data key is forgotten. Killed anywhere, the same
 * command with the new key as both old and new goes on; the folder stays readable with the new key all the while.
 * @throws AppError `wrong_key`, `conflict` while another process has the record open
 */
export async function rotateKey(input: RotateKeyInput): Promise<{ media: number }> {
  const { dataFolder, newKey } = input
  let keyring = openKeyring(dataFolder, input.oldKey)
  const files = recordFiles(dataFolder)
  if (keyring.retiring === undefined) {
    await onThread(files, databaseKey(keyring.current), (thread) => thread.run('checkpoint_and_empty'))
    keyring = { current: newDataKey(), retiring: keyring.current }
  }
  writeKeyring(dataFolder, newKey, keyring)
  const [from, to] = [databaseKey(keyring.retiring!), databaseKey(keyring.current)]
  await onThread(files, from, (thread) => thread.run('rekey', to))
  await rm(indexRoot(dataFolder), { recursive: true, force: true })
  const vault = new MediaVault(dataFolder, vaultEncryption(keyring))
  let media = 0
  for await (const entry of vault.entries()) {
    if (entry.kind !== 'media') continue
    if (await vault.reencrypt(entry.sha256)) media += 1
    input.onMedia?.(media)
  }
  for (const name of [DERIVED_FOLDER, UPLOADS_FOLDER]) {
    const folder = new MediaVault(dataFolder, vaultEncryption(keyring), name)
    for await (const entry of folder.entries()) {
      if (entry.kind === 'media') await folder.reencrypt(entry.sha256)
    }
  }
  writeKeyring(dataFolder, newKey, { current: keyring.current, retiring: undefined })
  return { media }
}

/** One task of the record's thread, on a thread of its own. */
async function onThread(
  files: RecordFiles,
  key: string,
  work: (thread: CheckpointThread) => Promise<unknown>,
): Promise<void> {
  const thread = new CheckpointThread(files, key)
  try {
    await work(thread)
  } finally {
    await thread.end()
  }
}
