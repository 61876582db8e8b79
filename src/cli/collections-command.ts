import { Option, type Command } from 'commander'
import { createCollection } from '../collections/create-collection.ts'
import { listCollections, showCollection, type CollectionSummary } from '../collections/list-collections.ts'
import type { Sensitivity } from '../store/tables/collection-tables.ts'
import { addRecordOptions, printResult, withContext, type RecordOptions } from './record-options.ts'
import { addServerOptions, ServerClient, type ServerOptions } from './server-options.ts'

interface CreateOptions extends RecordOptions {
  basis: string
  agency: string
  sensitivity: Sensitivity
  retainUntil?: string
}

/** `likeness collections list|create|show`. */
export function addCollectionsCommand(program: Command): void {
  const command = program.command('collections').description('list, open and show collections')
  const list = addRecordOptions(command.command('list', { isDefault: true }))
  addServerOptions(list).action(async (options: RecordOptions & ServerOptions) => {
    if (options.server !== undefined) {
      const found = await new ServerClient(options).call('listCollections', {})
      printResult(options, found, () => found.map(line).join('\n') || 'No collections yet.')
      return
    }
    await withContext(options, async (ctx, actor) => {
      const list = await listCollections(ctx, actor)
      const empty = 'No collections yet. Open one: likeness collections create NAME --basis "…"'
      printResult(options, list, () => list.map(line).join('\n') || empty)
    })
  })
  addRecordOptions(
    command
      .command('create')
      .argument('<title>')
      .requiredOption('--basis <text>', 'under what law or agreement the media are held')
      .option('--agency <name>', 'agency that owns it', 'Local agency')
      .addOption(
        new Option('--sensitivity <level>')
          .choices(['ordinary', 'sensitive', 'restricted'])
          .default('ordinary'),
      )
      .option('--retain-until <date>', 'YYYY-MM-DD after which everything in it must be erased'),
  ).action(async (title: string, options: CreateOptions) => {
    await withContext(options, async (ctx, actor) => {
      const { digest: _digest, ...row } = await createCollection(ctx, actor, {
        title,
        lawfulBasis: options.basis,
        agency: options.agency,
        sensitivity: options.sensitivity,
        retentionUntil: options.retainUntil,
      })
      printResult(
        options,
        row,
        () => `Opened ${row.title}. Next: likeness import SOURCE --collection '${row.title}'`,
      )
    })
  })
  addRecordOptions(command.command('show').argument('<collection>')).action(
    async (collection: string, options: RecordOptions) => {
      await withContext(options, async (ctx, actor) => {
        const found = await showCollection(ctx, actor, { collection })
        printResult(options, found, () =>
          [
            line(found),
            `Lawful basis: ${found.lawful_basis}`,
            `Keep until: ${found.retention_until ?? 'no date'}`,
            ...found.imports.map((row) => `Import of ${row.startedAt}: ${row.location}`),
          ].join('\n'),
        )
      })
    },
  )
}

function line({
  title,
  agency,
  photos,
  videos,
  faces,
  sensitivity,
}: Pick<CollectionSummary, 'title' | 'agency' | 'photos' | 'videos' | 'faces' | 'sensitivity'>): string {
  return `${title}  (${agency}, ${sensitivity})  ${photos} photos, ${videos} videos, ${faces} faces`
}
