/** A file that somebody chose or dropped. */
export interface NamedFile {
  /** With its folders, as they were dropped. */
  name: string
  file: File
}
