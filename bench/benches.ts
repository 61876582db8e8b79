/** A bench: what it measures, and the program that does. */
export interface Bench {
  measures: string
  /** From this folder. */
  program: string
  /** Folder with packages of its own, from this folder: what Likeness is measured beside or driven with, and does not need itself. */
  packages?: string
}

/** Every bench by the name that `npm run bench -- NAME` takes. */
export const BENCHES: Record<string, Bench> = {
  audit: { measures: 'what it costs to bind rows to the audit log', program: 'audit/run.ts' },
  ciphers: {
    measures: "the record's SQLite beside one whose encrypted pages are authenticated",
    program: 'ciphers/run.ts',
    packages: 'ciphers',
  },
  engine: {
    measures: 'photos a second beside face-api, stage by stage, a large JPEG',
    program: 'engine/run.ts',
    packages: 'engine',
  },
  exif: { measures: 'reading the EXIF of photos that come one by one', program: 'exif/run.ts' },
  fusion: {
    measures: 'several probes of one person: fused, or each searched with',
    program: 'gallery/fusion.ts',
  },
  gallery: { measures: 'exact search over up to ten million faces', program: 'gallery/run.ts' },
  import: { measures: 'an import beside the bare engine; its memory', program: 'import/run.ts' },
  lists: { measures: 'every list and search of the service at a million photos', program: 'lists/run.ts' },
  search: { measures: 'a search over collections, indexing, an erasure', program: 'search/run.ts' },
  server: {
    measures: 'the service under load: a photo given, then a search',
    program: 'server/run.ts',
    packages: 'server',
  },
  video: { measures: 'taking in a video', program: 'video/run.ts' },
  watch: { measures: 'what standing searches add to an import', program: 'watch/run.ts' },
  'watch-labelled': {
    measures: 'true and false alerts on your own labelled photos',
    program: 'watch/labelled.ts',
  },
  'watch-latency': { measures: 'from a photo to its alert on an open page', program: 'watch/latency.ts' },
  web: { measures: 'the web app in Chromium: a search, a grid, the workbench', program: 'web/run.ts' },
}

/** The names with a line each, as they are printed. */
export function listOfBenches(): string {
  const width = Math.max(...Object.keys(BENCHES).map((name) => name.length))
  const lines = Object.entries(BENCHES).map(([name, { measures }]) => `  ${name.padEnd(width)}  ${measures}`)
  return `npm run bench -- NAME [options]\n\n${lines.join('\n')}\n`
}
