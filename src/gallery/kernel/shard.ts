import { STRIPED_ROWS, type ShardLayout } from './shard-layout.ts'

/** A part of the rows in memory of its own, seen through its columns. Rows are numbered from 0 in each shard. */
export interface Shard {
  memory: WebAssembly.Memory
  layout: ShardLayout
  /** Rows in use, erased ones included; searches see rows below this. */
  rows: number
  bytes: Uint8Array<SharedArrayBuffer>
  words: Int32Array<SharedArrayBuffer>
  view: DataView<SharedArrayBuffer>
  codes: Uint8Array<SharedArrayBuffer>
  stripes: Uint8Array<SharedArrayBuffer>
  int8: Int8Array<SharedArrayBuffer>
  scales: Float32Array<SharedArrayBuffer>
  tags: Uint16Array<SharedArrayBuffer>
  days: Int32Array<SharedArrayBuffer>
  alive: Uint8Array<SharedArrayBuffer>
  ids: Float64Array<SharedArrayBuffer>
}

/** Takes memory for a whole shard; the system gives pages as rows are written. */
export function makeShard(layout: ShardLayout): Shard {
  const memory = new WebAssembly.Memory({ initial: layout.pages, maximum: layout.pages, shared: true })
  const { buffer } = memory
  const { capacity } = layout
  return {
    memory,
    layout,
    rows: 0,
    bytes: new Uint8Array(buffer),
    words: new Int32Array(buffer),
    view: new DataView(buffer),
    codes: new Uint8Array(buffer, layout.codesAt, capacity * layout.codeBytes),
    stripes: new Uint8Array(buffer, layout.stripesAt, capacity * layout.stripeBytes),
    int8: new Int8Array(buffer, layout.int8At, capacity * layout.rowBytes),
    scales: new Float32Array(buffer, layout.scaleAt, capacity),
    tags: new Uint16Array(buffer, layout.tagsAt, capacity),
    days: new Int32Array(buffer, layout.daysAt, capacity),
    alive: new Uint8Array(buffer, layout.aliveAt, capacity / 8),
    ids: new Float64Array(buffer, layout.idsAt, capacity),
  }
}

export function isAlive(shard: Shard, row: number): boolean {
  return ((shard.alive[row >> 3] >> (row & 7)) & 1) === 1
}

export function setAlive(shard: Shard, row: number, alive: boolean): void {
  const bit = 1 << (row & 7)
  if (alive) shard.alive[row >> 3] |= bit
  else shard.alive[row >> 3] &= ~bit
}

/** Overwrites everything that was made from the row's template. The id stays: rows are found by their order. */
export function wipeRow(shard: Shard, row: number): void {
  const { codeBytes, stripeBytes, rowBytes } = shard.layout
  setAlive(shard, row, false)
  shard.codes.fill(0, row * codeBytes, (row + 1) * codeBytes)
  const block = (row - (row % STRIPED_ROWS)) * stripeBytes
  for (let i = 0; i < stripeBytes; i++) shard.stripes[block + i * STRIPED_ROWS + (row % STRIPED_ROWS)] = 0
  shard.int8.fill(0, row * rowBytes, (row + 1) * rowBytes)
  shard.scales[row] = 0
  shard.tags[row] = 0
  shard.days[row] = 0
}
