/** Why an item was not taken; stable codes, the sentence stands beside them. */
export type RefusalReason =
  | 'unsafe_path'
  | 'link'
  | 'not_a_file'
  | 'nested_archive'
  | 'unsupported_archive'
  | 'split_archive'
  | 'unsupported_compression'
  | 'inflates_too_much'
  | 'too_many_bytes'
  | 'too_many_entries'
  | 'encrypted_entry'
  | 'damaged_archive'
  | 'name_too_long'
  | 'folder_too_deep'
  | 'line_too_long'
  | 'field_too_long'
  | 'wrong_encoding'
  | 'broken_text'
  | 'bad_row'
  | 'no_file_named'
  | 'duplicate_id'
  | 'file_not_found'
  | 'ambiguous_name'
  | 'no_permission'
  | 'changed_since_listed'
  | 'read_failed'
  | 'took_too_long'
  | 'digest_differs'
  | 'out_of_memory'
  | 'no_video'

export interface Refusal {
  reason: RefusalReason
  /** One sentence for people that names the limit when there is one. */
  detail: string
}
