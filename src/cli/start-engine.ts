import type { Engine } from '../engine/types.ts'

/**
 * Starts the engine for a command that reads photos; loaded when needed, so that other commands start without the networks.
 * @param packId the default pack when undefined
 */
export async function startEngine(packId: string | undefined): Promise<Engine> {
  const { createEngine } = await import('../engine/create-engine.ts')
  return createEngine(packId === undefined ? {} : { packId })
}
