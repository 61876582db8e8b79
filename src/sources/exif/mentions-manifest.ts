/** Manifests stand before the picture's data, or at the end of the header boxes. */
const SEARCHED_BYTES = 4 * 1024 * 1024

/** Whether a file may have a manifest: the box of a manifest store, in the container's own way of writing. */
export function mentionsManifest(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SEARCHED_BYTES))
  return head.includes('jumdc2pa', 0, 'latin1') || head.includes('c2pa.assertions', 0, 'latin1')
}
