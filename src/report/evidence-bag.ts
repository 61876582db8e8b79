import { hash } from 'node:crypto'

/** One file of a bag, below `data/` or beside it. */
export interface BagFile {
  path: string
  bytes: Uint8Array
}

/**
 * Lays files out as a bag (BagIt 1.0, RFC 8493): the payload below `data/`, a manifest of its SHA-256, a tag manifest of all
 * that is not payload. Paths are kept to characters that need no escaping there.
 * @param info labels and values of bag-info.txt, in order
 * @returns every file of the bag, payload first
 */
export function layOutBag(
  name: string,
  payload: readonly BagFile[],
  info: readonly (readonly [string, string])[],
): BagFile[] {
  const files = payload.map(({ path, bytes }) => ({ path: `data/${path}`, bytes }))
  const size = files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
  const tags: BagFile[] = [
    textFile('bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'),
    textFile(
      'bag-info.txt',
      [...info, ['Payload-Oxum', `${size}.${files.length}`]]
        .map(([label, value]) => `${label}: ${value.replaceAll(/\s+/g, ' ')}\n`)
        .join(''),
    ),
    textFile('manifest-sha256.txt', manifest(files)),
  ]
  const all = [...files, ...tags, textFile('tagmanifest-sha256.txt', manifest(tags))]
  return all.map(({ path, bytes }) => ({ path: `${name}/${path}`, bytes }))
}

function manifest(files: readonly BagFile[]): string {
  return files.map(({ path, bytes }) => `${hash('sha256', bytes)}  ${path}\n`).join('')
}

/** A file of text in UTF-8. */
export function textFile(path: string, text: string): BagFile {
  return { path, bytes: Buffer.from(text) }
}
