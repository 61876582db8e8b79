/** How many files the sender of an import said would come. */
export const IMPORT_ANNOUNCEMENT = `alter table import add column announced integer`
