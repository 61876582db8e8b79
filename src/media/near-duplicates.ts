import type { Db, Tx } from '../store/database/db.ts'

/**
 * [Note: near duplicates]
 * Two pictures are near duplicates when their 64-bit perceptual hashes differ in at most `NEAR_DUPLICATE_BITS`. The
 * hash is cut into four bands of 16 bits; of at most 7 differing bits some band has at most one (7 < 4 x 2), so looking
 * up each band as it is and with each single bit changed (4 x 17 look-ups) finds every one without a scan.
 */
export const NEAR_DUPLICATE_BITS = 6
const BANDS = 4
const BAND_BITS = 16
/** Hashes with fewer ones or zeros come from flat pictures, which all look alike; they say nothing. */
const MIN_INFORMATIVE_BITS = 8
/** Most pictures compared for one, and most links written: a burst of a hundred frames needs no thousand links. */
const MAX_COMPARED = 500
const MAX_LINKS = 8

/** Keys under which a hash is found: its band's number and value. Empty for hashes that say nothing. */
export function bandsOf(perceptualHash: string): number[] {
  const hash = BigInt(`0x${perceptualHash}`)
  const ones = bitCount(hash)
  if (ones < MIN_INFORMATIVE_BITS || ones > 64 - MIN_INFORMATIVE_BITS) return []
  return Array.from({ length: BANDS }, (_, band) => {
    const value = Number((hash >> BigInt(band * BAND_BITS)) & 0xffffn)
    return band * 2 ** BAND_BITS + value
  })
}

/** Bits in which two perceptual hashes (16 hex digits) differ. */
export function distanceBits(a: string, b: string): number {
  return bitCount(BigInt(`0x${a}`) ^ BigInt(`0x${b}`))
}

/** Enters a new picture's hash and links it with the near duplicates held before, nearest first. */
export async function linkNearDuplicates(tx: Tx, mediaId: string, perceptualHash: string): Promise<number> {
  const bands = bandsOf(perceptualHash)
  if (bands.length === 0) return 0
  const lookUps = bands.flatMap((band) => [
    band,
    ...Array.from({ length: BAND_BITS }, (_, bit) => band ^ (1 << bit)),
  ])
  const candidates = await tx
    .selectFrom('phash_band as entry')
    .innerJoin('media', 'media.id', 'entry.media_id')
    .select(['media.id', 'media.perceptual_hash'])
    .where('entry.band', 'in', lookUps)
    .limit(MAX_COMPARED)
    .execute()
  await tx
    .insertInto('phash_band')
    .values(bands.map((band) => ({ band, media_id: mediaId })))
    .execute()
  const near = [...new Map(candidates.map((media) => [media.id, media.perceptual_hash]))]
    .map(([id, hash]) => ({ id, distance: distanceBits(hash, perceptualHash) }))
    .filter(({ distance }) => distance <= NEAR_DUPLICATE_BITS)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MAX_LINKS)
  if (near.length === 0) return 0
  await tx
    .insertInto('near_duplicate')
    .values(
      near.map(({ id, distance }) => ({ media_id: mediaId, earlier_media_id: id, distance_bits: distance })),
    )
    .execute()
  return near.length
}

function bitCount(value: bigint): number {
  let count = 0
  for (let rest = value; rest !== 0n; rest &= rest - 1n) count++
  return count
}

/** A photo and its near duplicates. */
export async function withNearDuplicates(db: Db, mediaId: string): Promise<string[]> {
  const near = await db
    .selectFrom('near_duplicate')
    .select(['media_id', 'earlier_media_id'])
    .where((where) => where.or([where('media_id', '=', mediaId), where('earlier_media_id', '=', mediaId)]))
    .execute()
  return [...new Set([mediaId, ...near.flatMap(({ media_id: a, earlier_media_id: b }) => [a, b])])]
}
