import { isUtf8 } from 'node:buffer'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { reasonOf } from '../errors.ts'
import { MAX_FOLDER_DEPTH, MAX_NAME_LENGTH } from './limits.ts'
import { listFolder } from './list-folder.ts'
import { readFileItem } from './read-file-item.ts'
import { ArchiveReader } from './web-archive/web-archive-source.ts'
import { tooLong } from './safe-path.ts'
import { isSystemLitter, refusedItem, type ImportSource, type ListedItem } from './source-item.ts'

/**
 * Every file below a folder, folder by folder in the order of names. Links are named and never followed. What lists in the
 * folder say of files goes with them; web archives give what they hold.
 */
export function folderSource(root: string): ImportSource {
  return {
    list: (keep) => listFolder(root, () => walk(root, '', 0), keep),
    openReader() {
      const archives = new ArchiveReader(root, undefined)
      return {
        read: (_ordinal, name, capture) =>
          capture?.place === undefined ? readFileItem(path.join(root, name)) : archives.read(capture),
        close: () => archives.close(),
      }
    },
  }
}

/** One file. */
export function fileSource(file: string): ImportSource {
  return {
    async *list() {
      yield { name: path.basename(file), claims: undefined, refusal: undefined }
    },
    openReader: () => ({
      read: () => readFileItem(file),
      async close() {},
    }),
  }
}

async function* walk(root: string, below: string, depth: number): AsyncGenerator<ListedItem> {
  if (depth > MAX_FOLDER_DEPTH) {
    yield refusedItem(
      below,
      'folder_too_deep',
      `It is deeper than MAX_FOLDER_DEPTH, ${MAX_FOLDER_DEPTH} folders.`,
    )
    return
  }
  let entries
  try {
    entries = await readdir(path.join(root, below), { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    yield refusedItem(below, 'read_failed', `The folder could not be read: ${reasonOf(error)}.`)
    return
  }
  const named = entries.map((entry) => ({ entry, last: entry.name.toString() }))
  named.sort((a, b) => (a.last < b.last ? -1 : 1))
  for (const { entry, last } of named) {
    const name = below === '' ? last : `${below}/${last}`
    if (!isUtf8(entry.name)) {
      yield refusedItem(name, 'wrong_encoding', 'Its name is not UTF-8; rename it.')
    } else if (name.length > MAX_NAME_LENGTH) {
      yield refusedItem(name.slice(0, MAX_NAME_LENGTH), 'name_too_long', tooLong())
    } else if (entry.isDirectory()) {
      yield* walk(root, name, depth + 1)
    } else if (entry.isSymbolicLink()) {
      yield refusedItem(name, 'link', 'It is a link; links are not followed.')
    } else if (!entry.isFile()) {
      yield refusedItem(name, 'not_a_file', 'It is not an ordinary file.')
    } else if (!isSystemLitter(name)) {
      yield { name, claims: undefined, refusal: undefined }
    }
  }
}
