import path from 'node:path'
import type { Command } from 'commander'
import { cacheFolder } from '../engine/pack/find-pack.ts'
import { ReadingCache } from '../folder-search/reading-cache.ts'
import { say } from './output/terminal.ts'

/** `likeness cache clear`: removes the templates that `find` keeps. */
export function addCacheCommand(program: Command): void {
  const command = program
    .command('cache')
    .description('What `find` keeps so that a second search is instant.')
  command
    .command('clear')
    .description('Remove every kept reading and template.')
    .action(() => {
      const cache = new ReadingCache(path.join(cacheFolder(), 'find'))
      cache.clear()
      cache.close()
      say(`Cleared ${path.join(cacheFolder(), 'find')}.`)
    })
}
