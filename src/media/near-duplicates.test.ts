import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { enrol, storeWithCollection, testPhoto } from '../../test/support/enrolled-record.ts'
import { bandsOf, distanceBits, NEAR_DUPLICATE_BITS } from './near-duplicates.ts'

const base = 'a5c3f00f9678e1d2'

function flipped(hash: string, bits: readonly number[]): string {
  const value = bits.reduce((result, bit) => result ^ (1n << BigInt(bit)), BigInt(`0x${hash}`))
  return value.toString(16).padStart(16, '0')
}

describe('near duplicates', () => {
  test('every hash within the limit shares a band with at most one bit changed', () => {
    const bits = fc.uniqueArray(fc.nat(63), { maxLength: NEAR_DUPLICATE_BITS })
    fc.assert(
      fc.property(bits, (changed) => {
        const other = flipped(base, changed)
        expect(distanceBits(base, other)).toBe(changed.length)
        const near = bandsOf(base).some((band, index) => {
          const difference = band ^ bandsOf(other)[index]
          return (difference & (difference - 1)) === 0
        })
        expect(near).toBe(true)
      }),
    )
  })

  test('flat pictures are not compared', () => {
    expect(bandsOf('0000000000000000')).toEqual([])
    expect(bandsOf('fffffffffffffffe')).toEqual([])
    expect(bandsOf(base)).toHaveLength(4)
  })

  test('are linked and kept; others are not', async () => {
    const store = await storeWithCollection()
    const hashes = [base, flipped(base, [0, 20, 40, 60, 5, 30]), flipped(base, [2, 3, 22, 23, 42, 43, 62])]
    const photos = hashes.map((perceptualHash, index) => ({
      ...testPhoto(`${index}.jpg`, 0),
      perceptualHash,
    }))
    const tally = await enrol(store, photos)
    expect(tally).toMatchObject({ no_face: 3 })
    const links = await store.db.selectFrom('near_duplicate').select('distance_bits').execute()
    expect(links).toEqual([{ distance_bits: NEAR_DUPLICATE_BITS }])
  })
})
