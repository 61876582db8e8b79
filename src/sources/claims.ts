import type { Capture } from './web-archive/capture.ts'

/** What a manifest says about a file. Unknown columns are kept as text in `other`. */
export interface Claims {
  source_url?: string
  captured_at?: string
  collector?: string
  person_name?: string
  person_ref?: string
  note?: string
  licence?: string
  sensitive?: boolean
  other?: Record<string, string>
  /** What the archive or tool that holds the file says of it; not the importer's claim. */
  capture?: Capture
}
