import process from 'node:process'

/** Writes to standard output and waits until it is read: nothing piles up here. Ends with an error when nobody reads. */
export function writeOut(...pieces: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const last = pieces.length - 1
    pieces.forEach((piece, at) =>
      process.stdout.write(piece, at < last ? undefined : (error) => (error ? reject(error) : resolve())),
    )
  })
}
