// Where things lie in one shard's memory. Set once an instance by `configure`; `shard-layout.ts` computes the values.

/** Numbers in a template. */
export let length: i32 = 0
/** Bytes of one int8 template: `length` rounded up to a multiple of 16. */
export let rowBytes: i32 = 0
/** Numbers in a rotated template: `length` rounded up to a power of two, at least 64. */
export let rotated: i32 = 0
/** Bytes of one code: one bit a rotated number. */
export let codeBytes: i32 = 0
/** Bytes of a code that are striped too. */
export let stripeBytes: i32 = 0
/** Worker threads that scan this memory. */
export let workers: i32 = 0

export let codesAt: usize = 0
/** The first bytes of codes in blocks of 16 rows: byte 0 of each row, byte 1 of each, and so on. */
export let stripesAt: usize = 0
export let int8At: usize = 0
/** f32 a row: cosine = int8 dot product x this x the query's scale. 0 for erased rows. */
export let scaleAt: usize = 0
/** u16 a row. */
export let tagsAt: usize = 0
/** i32 a row. */
export let daysAt: usize = 0
/** One bit a row: may be returned. */
export let aliveAt: usize = 0
/** f32 x rotated: the gallery's mean in the template's own frame, zero padded. */
export let meanAt: usize = 0
/** f32 x 3 x rotated: the transform's signs. */
export let signsAt: usize = 0
export let slotsAt: usize = 0
export let slotBytes: i32 = 0
export let queryBytes: i32 = 0
export let resultsAt: usize = 0
export let resultBytes: i32 = 0
/** Private working memory, one part a worker and one for the main thread. */
export let scratchAt: usize = 0
export let scratchBytes: i32 = 0

/** Reads the geometry, `count` i32 in the order of `GEOMETRY_FIELDS`, from `at`. */
export function configure(at: usize): void {
  length = load<i32>(at)
  rowBytes = load<i32>(at, 4)
  rotated = load<i32>(at, 8)
  codeBytes = load<i32>(at, 12)
  stripeBytes = load<i32>(at, 16)
  workers = load<i32>(at, 20)
  codesAt = load<u32>(at, 24)
  stripesAt = load<u32>(at, 28)
  int8At = load<u32>(at, 32)
  scaleAt = load<u32>(at, 36)
  tagsAt = load<u32>(at, 40)
  daysAt = load<u32>(at, 44)
  aliveAt = load<u32>(at, 48)
  meanAt = load<u32>(at, 52)
  signsAt = load<u32>(at, 56)
  slotsAt = load<u32>(at, 60)
  slotBytes = load<i32>(at, 64)
  queryBytes = load<i32>(at, 68)
  resultsAt = load<u32>(at, 72)
  resultBytes = load<i32>(at, 76)
  scratchAt = load<u32>(at, 80)
  scratchBytes = load<i32>(at, 84)
}
