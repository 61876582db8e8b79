import type { NamedFile } from './named-file.ts'

/** Files of a drop, those of folders and their folders too. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<NamedFile[]> {
  // Entries must be taken before the first wait: afterwards the list of a drop is empty.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  if (entries.length === 0) return [...files].map((file) => ({ name: file.name, file }))
  const found = await Promise.all(entries.map((entry) => filesBelow(entry)))
  return found.flat()
}

async function filesBelow(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ name: entry.fullPath.replace(/^\//, ''), file }]
  }
  if (!(entry instanceof FileSystemDirectoryEntry)) return []
  const reader = entry.createReader()
  const found: NamedFile[] = []
  for (;;) {
    // A reader gives a hundred or so at a time, and nothing at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return found
    for (const child of some) found.push(...(await filesBelow(child)))
  }
}
