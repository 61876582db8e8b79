import { fetchSamplePhotos } from '../../scripts/sample-photos.ts'
import { findPack } from '../../src/engine/pack/find-pack.ts'

/** Runs once before the tests: weights and sample photos are fetched on first use and kept. */
export default async function setup(): Promise<void> {
  await findPack()
  await fetchSamplePhotos()
}
