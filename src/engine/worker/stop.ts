/** Says that nobody wants the photo read any more. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** Of the photo that this thread reads; a thread reads one at a time. */
let stop: Int32Array<SharedArrayBuffer> | undefined

/** From now on this thread listens to this flag: one number in shared memory, 1 to stop. */
export function listenTo(flag: Int32Array<SharedArrayBuffer>): void {
  stop = flag
}

/** Called before each run of a network, the longest step that is not divided. @throws Stopped */
export function throwIfStopped(): void {
  if (stop !== undefined && Atomics.load(stop, 0) === 1) throw new Stopped()
}
