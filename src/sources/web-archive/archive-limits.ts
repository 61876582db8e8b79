// Limits of web archives. Each is named in the message of what it refuses, and each has a test.

/** Largest archive that is taken: its original is kept whole, so that it can be replayed and checked again. */
export const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024 * 1024
/** Most records of one archive. A day's crawl has some 100,000. */
export const MAX_ARCHIVE_RECORDS = 1_000_000
/** Longest line of a record's header; addresses with tracking parameters reach some 8 KB. */
export const MAX_HEADER_LINE_BYTES = 64 * 1024
/** All headers of one record together, and the HTTP headers inside it. */
export const MAX_HEADER_BYTES = 512 * 1024
/** Largest page or stylesheet that is searched for pictures, and replayed. */
export const MAX_PAGE_BYTES = 16 * 1024 * 1024
/** Most places where a page names a picture, of one archive. */
export const MAX_PAGE_LINKS = 2_000_000
/** Pages that are named for one picture. */
export const MAX_PAGES_OF_PICTURE = 20
/** Largest list inside an archive (pages, data package, hashes, manifests). */
export const MAX_LIST_BYTES = 64 * 1024 * 1024
/** Largest MHTML file, and largest part of a zip that is compressed again though it is an archive itself: read into memory. */
export const MAX_WHOLE_BYTES = 256 * 1024 * 1024
/** Files of one zip package. */
export const MAX_PACKAGE_FILES = 200_000
/** Nothing heard from the thread that reads an archive for this long: it is ended. */
export const SILENCE_LIMIT_MS = 120_000
/** Heap of that thread; the lists of a million records need some 700 MB. */
export const ARCHIVE_THREAD_HEAP_MB = 1024
