import process from 'node:process'
import { EXIT } from './exit-codes.ts'

/** Says when another process keeps old bytes of what was erased, and what to do then; the command ends with 2. */
export function warnOfRemains(report: { logEmptied: boolean; indexCleared: boolean }): void {
  if (!report.logEmptied) {
    process.stderr.write(
      'Another process reads the record, so old pages stand in its log until it ends: run `likeness doctor --repair` then.\n',
    )
    process.exitCode = EXIT.badInput
  }
  if (!report.indexCleared) {
    process.stderr.write(
      'Another process has the index open and did not drop the faces in time. It finds them no more, but old bytes stand in its files: run `likeness doctor --repair` when it has ended.\n',
    )
    process.exitCode = EXIT.badInput
  }
}
