/**
 * `fault`: the record is not what was written. `derived`: can be made again. `leftover`: harmless remains of a killed
 * process. `unchecked`: another process has it open.
 */
export interface Finding {
  severity: 'fault' | 'derived' | 'leftover' | 'unchecked'
  /** File or row that it is about. */
  where: string
  detail: string
  repaired: boolean
}
