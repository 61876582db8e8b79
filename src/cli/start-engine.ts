import type { Engine } from '../engine/types.ts'
import { AppError } from '../errors.ts'

/** Starts the engine for a command that reads photos. To be wired to `createEngine`. */
export async function startEngine(_packId: string | undefined): Promise<Engine> {
  throw new AppError('models_unavailable', 'This build has no engine yet.')
}
