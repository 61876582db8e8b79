/** What the `likeness` command ends with. */
export const EXIT = {
  /** Done, and something was found. */
  found: 0,
  /** Done; nothing was found, which is a result. */
  nothingFound: 1,
  /** Bad use, or some input could not be read; what could be done was done. */
  badInput: 2,
} as const
