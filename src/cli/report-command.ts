import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import type { Command } from 'commander'
import { AppError, reasonOf } from '../errors.ts'
import { verifyReport } from '../report/verify-report.ts'
import { EXIT } from './exit-codes.ts'
import { say, sayJson } from './output/terminal.ts'

/** `likeness report verify FILE`. */
export function addReportCommand(program: Command): void {
  const command = program.command('report').description('check reports that Likeness has made')
  command
    .command('verify')
    .description('check every part of a report (PDF or JSON) and its signature, and name what was changed')
    .argument('<file>', 'the report')
    .option('--public-key <file>', "the instance's public key (PEM), got from the agency")
    .option('--json', 'print JSON')
    .action((file: string, options: { publicKey?: string; json?: boolean }) => {
      const trusted =
        options.publicKey === undefined ? undefined : createPublicKey(readInput(options.publicKey))
      const result = verifyReport(readInput(file), trusted)
      if (options.json === true) sayJson(result)
      else for (const line of linesOf(result)) say(line)
      if (result.faults.length > 0) process.exitCode = EXIT.badInput
    })
}

function linesOf(result: ReturnType<typeof verifyReport>): string[] {
  if (result.faults.length > 0) return [...result.faults, 'This is not the report as it was signed.']
  const whose = result.keyTrusted
    ? 'which is the key that was given.'
    : 'whose number must be the one that the agency tells you; give its public key with --public-key to check that.'
  return [
    `Report ${result.reportId} is as it was signed.`,
    `Signed with the key ${result.keyId}, ${whose}`,
    `SHA-256 ${result.sha256}`,
  ]
}

function readInput(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new AppError('bad_input', `${file} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}
