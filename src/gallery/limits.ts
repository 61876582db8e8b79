/** What one gallery accepts. Past a limit the answer is `limit_exceeded`, or `busy` when waiting helps. */
export const GALLERY_LIMITS = {
  /** Candidates that one query may ask for: 521 tracks of videos with four entries each, and 400 faces to look past. */
  candidates: 2500,
  /** Queries in one call of `search`. */
  queriesPerSearch: 64,
  /** Queries that wait for the workers; more are refused as `busy`. */
  waitingQueries: 1024,
  /** Rows in one call of `add`. */
  rowsPerAdd: 100_000,
  /** Ids in one call of `remove`. */
  idsPerRemove: 1_000_000,
  /** Calls of `add` and `remove` that wait for their turn; more are refused as `busy`. */
  waitingChanges: 256,
  /** Numbers in a template. */
  shortestTemplate: 16,
  longestTemplate: 2048,
  /** Largest tag of a row. */
  largestTag: 65_535,
  /** Worker threads. */
  threads: 64,
  /** Rows of one shard; the kernel's addresses are 32 bits wide. */
  rowsPerShard: 1_048_576,
  /** Pairs that one calibration may compare. */
  calibrationPairs: 1_000_000_000,
  /** Templates that one subject's probes may be fused from. */
  probesPerSubject: 64,
} as const
