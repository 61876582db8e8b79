import path from 'node:path'

/** What came of looking for a file that a list names. */
export type FoundName = { name: string } | { ambiguous: number } | undefined

/**
 * Finds the files that lists name. A list and a file system, or an archive, write one name in several ways, so a name is
 * looked for first as it stands, then in ever looser writings; the first writing that has it decides. It is looked for
 * beside the list and from the top, and only then anywhere by its last part. More than one file is said, not guessed.
 */
export class FileNames {
  readonly #exact: ReadonlySet<string>
  readonly #levels: (() => Level)[]

  /** @param otherNames how a file's name may be read as well; see `NameDecoder` */
  constructor(names: readonly string[], otherNames: (name: string) => readonly string[] = () => []) {
    this.#exact = new Set(names)
    this.#levels = [
      once(() => new Level(sameName, names, () => [])),
      once(() => new Level(sameName, names, otherNames)),
      once(() => new Level(alikeName, names, otherNames)),
    ]
  }

  /** @param list path of the list that names it, which itself is not meant */
  find(list: string, named: string): FoundName {
    const beside = path.posix.join(path.posix.dirname(list), named)
    for (const name of [path.posix.normalize(beside), named]) if (this.#exact.has(name)) return { name }
    for (const find of ['byPath', 'byLastPart'] as const) {
      for (const level of this.#levels) {
        const found = level()[find](list, named)
        if (found !== undefined) return found
      }
    }
    return undefined
  }
}

class Level {
  readonly #write: (name: string) => string
  readonly #whole = new Map<string, Set<string>>()
  readonly #lastParts = new Map<string, Set<string>>()

  constructor(
    write: (name: string) => string,
    names: readonly string[],
    otherNames: (name: string) => readonly string[],
  ) {
    this.#write = write
    for (const name of names) {
      for (const reading of [name, ...otherNames(name)]) {
        const written = write(reading)
        add(this.#whole, written, name)
        add(this.#lastParts, path.posix.basename(written), name)
      }
    }
  }

  byPath(list: string, named: string): FoundName {
    const name = this.#write(named)
    const folder = path.posix.dirname(this.#write(list))
    for (const place of [path.posix.normalize(path.posix.join(folder, name)), name]) {
      const found = this.#whole.get(place)
      if (found !== undefined) return only(found)
    }
    return undefined
  }

  byLastPart(list: string, named: string): FoundName {
    const anywhere = this.#lastParts.get(path.posix.basename(this.#write(named)))
    return only(new Set([...(anywhere ?? [])].filter((one) => one !== list)))
  }
}

/** Made when it is first needed: most lists name files as they are. */
function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined
  return () => (made ??= make())
}

function only(found: ReadonlySet<string>): FoundName {
  const [name] = found
  if (name === undefined) return undefined
  return found.size === 1 ? { name } : { ambiguous: found.size }
}

function add(index: Map<string, Set<string>>, key: string, name: string): void {
  const known = index.get(key)
  if (known === undefined) index.set(key, new Set([name]))
  else known.add(name)
}

/** One writing of names that are the same: composed letters (Unicode NFC; macOS writes decomposed ones), plain slashes. */
export function sameName(name: string): string {
  return name
    .normalize('NFC')
    .replaceAll('\\', '/')
    .replace(/^(\.\/+)+/, '')
}

/** Letters that programs and people take for one another: Windows ignores case, old code pages have no Ukrainian і. */
export function alikeName(name: string): string {
  return sameName(name)
    .toLowerCase()
    .replaceAll('і', 'i')
    .replaceAll(/['’ʼ`´‘]/g, "'")
    .replaceAll(/[\s\u00a0]+/g, ' ')
    .replaceAll(/ ?\/ ?/g, '/')
    .trim()
}
