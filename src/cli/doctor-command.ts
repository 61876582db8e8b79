import process from 'node:process'
import type { Command } from 'commander'
import { examine } from '../doctor/examine.ts'
import { EXIT } from './exit-codes.ts'
import { addRecordOptions, printResult, withContext, type RecordOptions } from './record-options.ts'

/** `likeness doctor [--repair]`. */
export function addDoctorCommand(program: Command): void {
  addRecordOptions(
    program
      .command('doctor')
      .description('check every hash, page and reference of the record, and its index')
      .option('--repair', 'make derived things again and remove leftovers'),
  ).action(async (options: RecordOptions & { repair?: boolean }) => {
    await withContext(options, async (ctx, actor) => {
      const result = await examine(ctx, actor, { repair: options.repair === true })
      const open = result.findings.filter(
        ({ repaired, severity }) => !repaired && (severity === 'fault' || severity === 'derived'),
      )
      printResult(options, result, () =>
        [
          ...result.findings.map(
            ({ severity, where, detail, repaired }) =>
              `${severity}: ${where}: ${detail}${repaired ? ' Repaired.' : ''}`,
          ),
          `Checked ${result.rowsChecked} rows and ${result.mediaChecked} originals: ${open.length === 0 ? 'no fault' : `${open.length} faults`}.`,
        ].join('\n'),
      )
      if (open.length > 0) process.exitCode = EXIT.badInput
    })
  })
}
