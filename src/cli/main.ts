import { readFileSync } from 'node:fs'
import process from 'node:process'
import { Command, CommanderError } from 'commander'
import { AppError, reasonOf } from '../errors.ts'
import { addCacheCommand } from './cache-command.ts'
import { addCollectionsCommand } from './collections-command.ts'
import { addCompareCommand } from './compare-command.ts'
import { addDoctorCommand } from './doctor-command.ts'
import { addEraseCommand } from './erase-command.ts'
import { addEvaluateCommand } from './evaluate-command.ts'
import { EXIT } from './exit-codes.ts'
import { addFacesCommand } from './faces-command.ts'
import { addFindCommand } from './find-command.ts'
import { addImportCommand } from './import-command.ts'
import { addKeyCommand } from './key-command.ts'
import { addModelsCommand } from './models-command.ts'
import { addReEnrolCommand } from './re-enrol-command.ts'
import { sayJson, warn } from './output/terminal.ts'

/**
 * Runs the `likeness` command. Ends with 0 when something was found, 1 when nothing was, 2 for bad use and for input
 * that could not be read.
 */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that went away (`likeness … | head`) is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.found)
    throw error
  })
  const program = new Command('likeness')
    .description(
      'Find faces in photo collections that you lawfully hold. A likeness is a lead, never an identity.',
    )
    .version(readVersion(), '--version')
    .showHelpAfterError()
    .exitOverride()
  addFindCommand(program)
  addFacesCommand(program)
  addCompareCommand(program)
  addEvaluateCommand(program)
  addCollectionsCommand(program)
  addImportCommand(program)
  addEraseCommand(program)
  addDoctorCommand(program)
  addKeyCommand(program)
  addReEnrolCommand(program)
  addModelsCommand(program)
  addCacheCommand(program)
  for (const command of program.commands) command.exitOverride().showHelpAfterError()
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = reportError(error, argv.includes('--json'))
  }
}

function reportError(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.found : EXIT.badInput
  const code = error instanceof AppError ? error.code : 'internal'
  if (json) sayJson({ error: { code, message: reasonOf(error) } })
  warn(`likeness: ${reasonOf(error)}`)
  if (code === 'internal' && error instanceof Error && process.env['LIKENESS_DEBUG'] !== undefined)
    warn(error.stack ?? '')
  return error instanceof AppError ? error.exitCode : EXIT.badInput
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
