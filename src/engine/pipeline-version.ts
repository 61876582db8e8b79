/** Changes whenever the same photo would give another template; stands in every template beside the pack's id. */
export const PIPELINE_VERSION = '2'
