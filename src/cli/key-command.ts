import type { Command } from 'commander'
import { AppError } from '../errors.ts'
import { newOperatorKey } from '../store/vault/keyring.ts'
import { rotateKey } from '../store/vault/rotate-key.ts'
import { addRecordOptions, operatorKey, print, printResult, type RecordOptions } from './record-options.ts'

/** `likeness key new`, `likeness key rotate --new-key-file FILE`. */
export function addKeyCommand(program: Command): void {
  const command = program.command('key').description('make and change the key of an encrypted record')
  command
    .command('new')
    .description('print a new key')
    .action(() => print(newOperatorKey()))
  addRecordOptions(
    command
      .command('rotate')
      .description('write database and originals anew under a new key; run again after a crash to go on')
      .requiredOption('--new-key-file <file>', 'file with the new key'),
  ).action(async (options: RecordOptions & { newKeyFile: string }) => {
    const oldKey = operatorKey(options.keyFile)
    const newKey = operatorKey(options.newKeyFile)
    if (oldKey === undefined || newKey === undefined) {
      throw new AppError(
        'bad_input',
        'Expected the present key with --key-file, LIKENESS_KEY_FILE or LIKENESS_KEY.',
      )
    }
    const result = await rotateKey({ dataFolder: options.data, oldKey, newKey }).catch(
      async (error: unknown) => {
        // Cut off after its first step, a rotation has already given the folder to the new key.
        if (!(error instanceof AppError) || error.code !== 'wrong_key') throw error
        return rotateKey({ dataFolder: options.data, oldKey: newKey, newKey })
      },
    )
    printResult(
      options,
      result,
      () =>
        `Written anew under the new key: the database and ${result.media} originals. Keep the new key safe; the old one opens nothing any more.`,
    )
  })
}
