/** What is wrong with the log or with what it vouches for. */
export interface AuditFault {
  /** The event that it is about; 0 for none. */
  seq: number
  /**
   * `rows`: the list of rows that an event wrote. `row`: a row that is not what its last event wrote. `unsigned`: a
   * checkpoint that is missing where it was written.
   */
  kind: 'removed' | 'changed' | 'checkpoint' | 'truncated' | 'signature' | 'rows' | 'row' | 'unsigned'
  detail: string
}
