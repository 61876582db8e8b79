/** Runs once before the tests: weights and sample photos are fetched on first use and kept. */
export default async function setup(): Promise<void> {}
