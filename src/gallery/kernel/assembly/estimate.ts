import * as g from './geometry'

// Unbiased estimates of cosines from whole codes. [Note: the shortlist] in `search-plan.ts`.

/** Nobody reads it. */
export let touched: u64 = 0

/** Copies those rows of the list whose estimated centred cosine reaches `least` to `kept`; returns the copy's end. */
export function likely(q: usize, list: usize, end: usize, least: f32, kept: usize): usize {
  const codeAt = q + load<u32>(q, 64)
  const planesAt = q + load<u32>(q, 68)
  // The estimate is step x (sum of magnitudes, negative where bits differ); with the sum over all on the other side there
  // remains a weighted count of differing bits: 1 for each, 4 more with the high magnitude bit, 2 more with the low one.
  const step = load<f32>(q, 4)
  const most = step > 0 ? (load<f32>(q, 8) - least) / step : 0
  const limit = most > 0 ? <u64>most : 0
  let sum: u64 = 0
  for (let at = list; at < end; at += 4)
    sum += load<u64>(g.codesAt + <usize>load<u32>(at) * <usize>g.codeBytes)
  touched = sum
  if (g.codeBytes == 64) return likely512(codeAt, planesAt, list, end, limit, kept)
  const bytes = <usize>g.codeBytes
  for (let at = list; at < end; at += 4) {
    const row = load<u32>(at)
    const code = g.codesAt + <usize>row * bytes
    let weight: u64 = 0
    for (let i: usize = 0; i < bytes; i += 8) {
      const different = load<u64>(code + i) ^ load<u64>(codeAt + i)
      weight += popcnt(different) + (popcnt(different & load<u64>(planesAt + i)) << 2)
      weight += popcnt(different & load<u64>(planesAt + bytes + i)) << 1
    }
    store<u32>(kept, row)
    kept += (<usize>(weight <= limit)) << 2
  }
  return kept
}

function likely512(query: usize, planes: usize, list: usize, end: usize, limit: u64, kept: usize): usize {
  const codes = g.codesAt
  for (let at = list; at < end; at += 4) {
    const row = load<u32>(at)
    const code = codes + ((<usize>row) << 6)
    const d0 = load<u64>(code) ^ load<u64>(query)
    const d1 = load<u64>(code, 8) ^ load<u64>(query, 8)
    const d2 = load<u64>(code, 16) ^ load<u64>(query, 16)
    const d3 = load<u64>(code, 24) ^ load<u64>(query, 24)
    const d4 = load<u64>(code, 32) ^ load<u64>(query, 32)
    const d5 = load<u64>(code, 40) ^ load<u64>(query, 40)
    const d6 = load<u64>(code, 48) ^ load<u64>(query, 48)
    const d7 = load<u64>(code, 56) ^ load<u64>(query, 56)
    const all =
      popcnt(d0) +
      popcnt(d1) +
      (popcnt(d2) + popcnt(d3)) +
      (popcnt(d4) + popcnt(d5) + (popcnt(d6) + popcnt(d7)))
    const high =
      popcnt(d0 & load<u64>(planes)) +
      popcnt(d1 & load<u64>(planes, 8)) +
      (popcnt(d2 & load<u64>(planes, 16)) + popcnt(d3 & load<u64>(planes, 24))) +
      (popcnt(d4 & load<u64>(planes, 32)) +
        popcnt(d5 & load<u64>(planes, 40)) +
        (popcnt(d6 & load<u64>(planes, 48)) + popcnt(d7 & load<u64>(planes, 56))))
    const low =
      popcnt(d0 & load<u64>(planes, 64)) +
      popcnt(d1 & load<u64>(planes, 72)) +
      (popcnt(d2 & load<u64>(planes, 80)) + popcnt(d3 & load<u64>(planes, 88))) +
      (popcnt(d4 & load<u64>(planes, 96)) +
        popcnt(d5 & load<u64>(planes, 104)) +
        (popcnt(d6 & load<u64>(planes, 112)) + popcnt(d7 & load<u64>(planes, 120))))
    store<u32>(kept, row)
    kept += (<usize>(all + (high << 2) + (low << 1) <= limit)) << 2
  }
  return kept
}
