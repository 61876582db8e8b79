import { readFileSync } from 'node:fs'
import process from 'node:process'
import { Option, type Command } from 'commander'
import { localOperator, type Actor } from '../actor/actor.ts'
import { openContext, type OpenContext } from '../open-context.ts'
import { AppError, reasonOf } from '../errors.ts'
import { parseOperatorKey } from '../store/vault/keyring.ts'
import { startEngine } from './start-engine.ts'
import { secretSetting } from './secret-settings.ts'

/** Options of every command that works on the record. */
export interface RecordOptions {
  data: string
  keyFile?: string
  as?: string
  json?: boolean
}

/** Adds --data, --key-file, --as and --json. */
export function addRecordOptions(command: Command): Command {
  return command
    .addOption(new Option('--data <folder>', 'folder of the record').env('LIKENESS_DATA').default('./data'))
    .addOption(
      new Option('--key-file <file>', 'file with the key of an encrypted record').env('LIKENESS_KEY_FILE'),
    )
    .option('--as <name>', 'name written into the audit log; the user of this machine otherwise')
    .option('--json', 'print JSON')
}

/** The key from a file, else from LIKENESS_KEY; undefined when neither is given. @throws AppError `bad_input` */
export function operatorKey(keyFile: string | undefined): Uint8Array | undefined {
  if (keyFile !== undefined) {
    try {
      return parseOperatorKey(readFileSync(keyFile, 'utf8'))
    } catch (error) {
      if (error instanceof AppError) throw error
      throw new AppError('bad_input', `The key file ${keyFile} cannot be read: ${reasonOf(error)}.`, {
        cause: error,
      })
    }
  }
  const text = secretSetting('LIKENESS_KEY')
  return text === undefined ? undefined : parseOperatorKey(text)
}

/** Opens the record, does something with it and closes it, whatever happens. */
export async function withContext<Result>(
  options: RecordOptions,
  work: (ctx: OpenContext, actor: Actor) => Promise<Result>,
): Promise<Result> {
  const ctx = await openContext({
    dataFolder: options.data,
    operatorKey: operatorKey(options.keyFile),
    createEngine: startEngine,
  })
  try {
    return await work(ctx, localOperator(options.as))
  } finally {
    await ctx.close()
  }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints JSON on one line, or text. */
export function printResult(options: { json?: boolean }, value: unknown, text: () => string): void {
  print(options.json === true ? JSON.stringify(value) : text())
}
