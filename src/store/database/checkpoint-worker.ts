import { parentPort } from 'node:worker_threads'
import { AppError, reasonOf, type ErrorCode } from '../../errors.ts'
import {
  checkpointRecord,
  checkPages,
  renewChecksums,
  type CheckpointResult,
  type RecordFiles,
} from './checkpoint.ts'
import { rekeyRecord } from './rekey-record.ts'
import { toStorageError } from './storage-errors.ts'

export interface CheckpointRequest {
  files: RecordFiles
  key: string | undefined
  task: 'checkpoint' | 'checkpoint_and_empty' | 'check_pages' | 'renew_checksums' | 'rekey'
  /** For `rekey`. */
  newKey?: string
}

export type CheckpointReply =
  | { ok: true; result: CheckpointResult | undefined; brokenPages: number[] | undefined }
  | { ok: false; code: ErrorCode; message: string }

async function perform({ files, key, task, newKey }: CheckpointRequest): Promise<CheckpointReply> {
  try {
    switch (task) {
      case 'checkpoint':
      case 'checkpoint_and_empty': {
        const result = await checkpointRecord(files, key, { empty: task === 'checkpoint_and_empty' })
        return { ok: true, result, brokenPages: undefined }
      }
      case 'check_pages':
        return { ok: true, result: undefined, brokenPages: await checkPages(files, key) }
      case 'renew_checksums':
        await renewChecksums(files, key)
        break
      case 'rekey':
        rekeyRecord(files, key!, newKey!)
        await renewChecksums(files, newKey)
    }
    return { ok: true, result: undefined, brokenPages: undefined }
  } catch (error) {
    const known = toStorageError(error, 'copying the write-ahead log')
    return { ok: false, code: known instanceof AppError ? known.code : 'internal', message: reasonOf(known) }
  }
}

parentPort?.on('message', (request: CheckpointRequest) => {
  void perform(request).then((reply) => parentPort?.postMessage(reply))
})
