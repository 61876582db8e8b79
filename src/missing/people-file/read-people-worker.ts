import { parentPort, workerData } from 'node:worker_threads'
import { decodeText } from '../../sources/text-lines.ts'
import { AppError, type ErrorCode } from '../../errors.ts'
import type { PeopleFile } from './person-row.ts'
import { readPeopleCsv } from './read-csv.ts'
import { readPfif } from './read-pfif.ts'

export interface ReadRequest {
  bytes: Uint8Array
  /** YYYY-MM-DD. */
  today: string
}

export type ReadReply = { ok: true; file: PeopleFile } | { ok: false; code: ErrorCode; message: string }

async function read({ bytes, today }: ReadRequest): Promise<ReadReply> {
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const text = decodeText(buffer)
    if (text.includes('\0')) throw new AppError('bad_input', 'The file is not text. Nothing was taken.')
    const isXml = text.trimStart().startsWith('<')
    const file: PeopleFile = isXml
      ? { format: 'pfif', rows: readPfif(text, today) }
      : { format: 'csv', rows: await readPeopleCsv(text) }
    return { ok: true, file }
  } catch (error) {
    if (error instanceof AppError) return { ok: false, code: error.code, message: error.message }
    throw error
  }
}

parentPort!.postMessage(await read(workerData as ReadRequest))
