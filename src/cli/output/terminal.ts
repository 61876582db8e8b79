import process from 'node:process'
import { stripVTControlCharacters } from 'node:util'
import picocolors from 'picocolors'

/** Colours when the output is a terminal; off when piped, with NO_COLOR, and with --json. */
export const colours = picocolors.createColors(isTerminal(process.stdout) && picocolors.isColorSupported)

/** Whether a stream is a terminal; a pipe's `isTTY` is not false but missing. */
function isTerminal(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY ?? false
}

/** Writes lines for people to standard output. */
export function say(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** Writes a line to standard error: progress, warnings, errors; never part of a result. */
export function warn(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Writes a result as JSON. */
export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

/**
 * A table with aligned columns.
 * @param align 'r' or 'l' for each column
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: string,
): string {
  const widths = header.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column])].map(visibleWidth)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const gap = ' '.repeat(widths[column] - visibleWidth(cell))
        return align[column] === 'r' ? gap + cell : cell + gap
      })
      .join('  ')
      .trimEnd()
  return [colours.bold(line(header)), ...rows.map(line)].join('\n')
}

/** Columns that a text takes in a terminal, counted in characters without colour codes. */
function visibleWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length
}
