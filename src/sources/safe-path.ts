import { MAX_NAME_LENGTH } from './limits.ts'

/** What is wrong with a path that should stay below a folder; undefined when nothing is. */
export function unsafePath(name: string): string | undefined {
  const parts = name.split(/[/\\]/)
  if (/^([a-zA-Z]:)?[/\\]/.test(name) || /^[a-zA-Z]:/.test(name)) return 'Its path is absolute.'
  if (parts.includes('..')) return "Its path leads out of its folder ('..')."
  return undefined
}

export function tooLong(): string {
  return `Its name is longer than MAX_NAME_LENGTH, ${MAX_NAME_LENGTH} characters.`
}
