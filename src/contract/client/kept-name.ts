import { LONGEST_LINE } from '../values.ts'

/** The name under which the service keeps a file of an import: its end when it is longer than a line, without blanks around it. */
export function keptName(name: string): string {
  // A character that the cut halves would come back as another one than was sent.
  return name.slice(-LONGEST_LINE).toWellFormed().trim()
}
