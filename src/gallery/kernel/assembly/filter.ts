import * as g from './geometry'

// Which of 64 rows a query looks at.

/** Bits of a query's filter. */
const BY_TAG: i32 = 1
const BY_DAY: i32 = 2
/** i32 at 84 of a query: how many tags are listed there, up to eight u16 from 88; none when there are more and the bits count. */
const LISTED: usize = 84
const LIST: usize = 88

/** Rows of the 64 from `first` that are alive and pass the filter of the query at `q`. */
export function eligibleOf(q: usize, tagBitsAt: usize, first: u32): u64 {
  let word = load<u64>(g.aliveAt + (<usize>first >> 3))
  const filter = load<i32>(q, 52)
  if (filter == 0 || word == 0) return word
  if (filter & BY_TAG) {
    const listed = load<u32>(q, LISTED)
    word &= listed > 0 ? withTags(q + LIST, listed, first) : withTagBits(tagBitsAt, first, word)
  }
  if (filter & BY_DAY && word != 0) word &= withDays(load<i32>(q, 56), load<i32>(q, 60), first)
  return word
}

function withTags(list: usize, count: u32, first: u32): u64 {
  const tags = g.tagsAt + ((<usize>first) << 1)
  let passed: u64 = 0
  for (let n: usize = 0; n < <usize>count; n++) {
    const tag = i16x8.splat(load<i16>(list + (n << 1)))
    for (let i: usize = 0; i < 64; i += 16) {
      const low = i16x8.eq(v128.load(tags + (i << 1)), tag)
      const high = i16x8.eq(v128.load(tags + (i << 1) + 16), tag)
      passed |= (<u64>(<u32>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high)))) << i
    }
  }
  return passed
}

function withTagBits(bits: usize, first: u32, word: u64): u64 {
  let passed: u64 = 0
  while (word != 0) {
    const bit = ctz(word)
    word &= word - 1
    const tag = <usize>load<u16>(g.tagsAt + ((<usize>first + <usize>bit) << 1))
    passed |= (<u64>((load<u8>(bits + (tag >> 3)) >> <u8>(tag & 7)) & 1)) << bit
  }
  return passed
}

function withDays(from: i32, until: i32, first: u32): u64 {
  const days = g.daysAt + ((<usize>first) << 2)
  const low = i32x4.splat(from)
  const high = i32x4.splat(until)
  let passed: u64 = 0
  for (let i: usize = 0; i < 64; i += 8) {
    const a = v128.load(days + (i << 2))
    const b = v128.load(days + (i << 2) + 16)
    const aPasses = v128.and(i32x4.ge_s(a, low), i32x4.le_s(a, high))
    const bPasses = v128.and(i32x4.ge_s(b, low), i32x4.le_s(b, high))
    passed |= (<u64>(<u32>i16x8.bitmask(i16x8.narrow_i32x4_s(aPasses, bPasses)))) << i
  }
  return passed
}
