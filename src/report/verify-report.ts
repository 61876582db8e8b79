import { createHash, type KeyObject } from 'node:crypto'
import { jsonReportFaults } from './json-report.ts'
import { pdfFaults } from './pdf/pdf-seal.ts'

/** What came of checking a report's file. */
export interface ReportVerification {
  kind: 'pdf' | 'json'
  reportId: string | undefined
  keyId: string | undefined
  /** Whether the key was compared with one that the reader trusts. */
  keyTrusted: boolean
  sha256: string
  /** Sentences that name what was changed; empty: the file is as it was signed. */
  faults: string[]
}

/**
 * Checks a report's file, PDF or JSON: every part against its hash, and the signature over the hashes.
 * @param trusted the instance's public key, got from the agency; undefined: the key in the file is taken as it is
 */
export function verifyReport(file: Uint8Array, trusted: KeyObject | undefined): ReportVerification {
  const isPdf = Buffer.from(file.subarray(0, 5)).toString('latin1') === '%PDF-'
  const looksLikePdf = isPdf || Buffer.from(file).includes('%likeness-seal ')
  const { faults, seal } = looksLikePdf ? pdfFaults(file, trusted) : jsonReportFaults(file, trusted)
  return {
    kind: looksLikePdf ? 'pdf' : 'json',
    reportId: seal?.reportId,
    keyId: seal?.keyId,
    keyTrusted: trusted !== undefined && seal !== undefined,
    sha256: createHash('sha256').update(file).digest('hex'),
    faults,
  }
}
