// The heap: u32 at 0 count, at 4 pending rows, u64 at 8 rows seen, 16 rows estimated, 24 rows compared; entries (f32 score, u32 row) from 32, least first.
const ENTRIES: usize = 32

function sink(base: usize, count: u32, score: f32, row: u32): void {
  let at: u32 = 0
  for (;;) {
    let child = at * 2 + 1
    if (child >= count) break
    if (
      child + 1 < count &&
      load<f32>(base + ((<usize>(child + 1)) << 3)) < load<f32>(base + ((<usize>child) << 3))
    )
      child++
    if (load<f32>(base + ((<usize>child) << 3)) >= score) break
    store<u64>(base + ((<usize>at) << 3), load<u64>(base + ((<usize>child) << 3)))
    at = child
  }
  store<f32>(base + ((<usize>at) << 3), score)
  store<u32>(base + ((<usize>at) << 3), row, 4)
}

/** Keeps the best `wanted`; returns the least score kept once there are so many, else the lowest number. */
export function keep(heap: usize, score: f32, row: u32, wanted: u32): f32 {
  const base = heap + ENTRIES
  let count = load<u32>(heap)
  if (count < wanted) {
    let at = count
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (load<f32>(base + ((<usize>parent) << 3)) <= score) break
      store<u64>(base + ((<usize>at) << 3), load<u64>(base + ((<usize>parent) << 3)))
      at = parent
    }
    store<f32>(base + ((<usize>at) << 3), score)
    store<u32>(base + ((<usize>at) << 3), row, 4)
    store<u32>(heap, ++count)
  } else if (score > load<f32>(base)) {
    sink(base, count, score, row)
  }
  return count < wanted ? -f32.MAX_VALUE : load<f32>(base)
}
