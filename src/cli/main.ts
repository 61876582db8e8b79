import process from 'node:process'
import { Command, CommanderError } from 'commander'
import { AppError, reasonOf } from '../errors.ts'
import { addCollectionsCommand } from './collections-command.ts'
import { addDoctorCommand } from './doctor-command.ts'
import { addEraseCommand } from './erase-command.ts'
import { addImportCommand } from './import-command.ts'
import { addKeyCommand } from './key-command.ts'
import { addReEnrolCommand } from './re-enrol-command.ts'

const EXIT_BAD_USE = 2

/** The `likeness` command. @param argv as in `process.argv` */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('likeness').exitOverride()
  addCollectionsCommand(program)
  addImportCommand(program)
  addEraseCommand(program)
  addDoctorCommand(program)
  addKeyCommand(program)
  addReEnrolCommand(program)
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_USE
      return
    }
    process.stderr.write(`${reasonOf(error)}\n`)
    process.exitCode = error instanceof AppError ? error.exitCode : EXIT_BAD_USE
  }
}
