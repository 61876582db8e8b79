import { readFileSync } from 'node:fs'
import process from 'node:process'
import { Command, CommanderError } from 'commander'
import { claimProcess } from '../engine/own-process.ts'
import { AppError, reasonOf } from '../errors.ts'
import { EXIT } from './exit-codes.ts'
import { sayJson, warn } from './output/terminal.ts'
import { takeSecrets } from './secret-settings.ts'

type AddCommand = (program: Command) => void

/** Each command's module, loaded when it is called for: together they take a second to load, one alone a part of it. */
const COMMANDS: Record<string, () => Promise<AddCommand>> = {
  find: async () => (await import('./find-command.ts')).addFindCommand,
  faces: async () => (await import('./faces-command.ts')).addFacesCommand,
  compare: async () => (await import('./compare-command.ts')).addCompareCommand,
  evaluate: async () => (await import('./evaluate-command.ts')).addEvaluateCommand,
  collections: async () => (await import('./collections-command.ts')).addCollectionsCommand,
  import: async () => (await import('./import-command.ts')).addImportCommand,
  search: async () => (await import('./search-command.ts')).addSearchCommand,
  erase: async () => (await import('./erase-command.ts')).addEraseCommand,
  retention: async () => (await import('./retention-command.ts')).addRetentionCommand,
  doctor: async () => (await import('./doctor-command.ts')).addDoctorCommand,
  key: async () => (await import('./key-command.ts')).addKeyCommand,
  watch: async () => (await import('./watch-command.ts')).addWatchCommand,
  're-enrol': async () => (await import('./re-enrol-command.ts')).addReEnrolCommand,
  serve: async () => (await import('./serve-command.ts')).addServeCommand,
  access: async () => (await import('./access-command.ts')).addAccessCommand,
  report: async () => (await import('./report-command.ts')).addReportCommand,
  audit: async () => (await import('./audit-command.ts')).addAuditCommand,
  models: async () => (await import('./models-command.ts')).addModelsCommand,
  cache: async () => (await import('./cache-command.ts')).addCacheCommand,
}

/** The command that is called for; all of them for help and for a name that there is not. */
async function loadCommands(name: string | undefined): Promise<AddCommand[]> {
  const wanted = name === undefined ? undefined : COMMANDS[name]
  return wanted === undefined ? Promise.all(Object.values(COMMANDS).map((load) => load())) : [await wanted()]
}

/**
 * Runs the `likeness` command. Ends with 0 when something was found, 1 when nothing was, 2 for bad use and for input
 * that could not be read.
 */
export async function main(argv: readonly string[]): Promise<void> {
  claimProcess()
  takeSecrets()
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
  for (const add of await loadCommands(argv[2])) add(program)
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
