/**
 * Where a raw vector's length lies between those of bad (0) and good (1) faces of a pack; below and above for worse and
 * better ones.
 */
export function normShare(norm: number, { bad, good }: { bad: number; good: number }): number {
  return (norm - bad) / (good - bad)
}
