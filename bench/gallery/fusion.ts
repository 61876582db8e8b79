import { bestOf, fuseProbes } from '../../src/gallery/fusion.ts'
import { cosineOf } from '../../src/gallery/exact-ranking.ts'
import { FaceMaker, gaussians, normalise } from './faces.ts'
import { floatScan } from './baselines.ts'

// Several probes of one subject: fused into one template, or each searched with and the best taken. `npm run bench -- fusion`
// People are made up: each image is its person's direction and noise, more of it in poor images; quality tells how much.

const LENGTH = 512
const STRANGERS = 20_000
const SUBJECTS = 300
const SEED = 17
/** Cosine of a good and of a poor image to the person's direction; two good ones are at 0.64, two poor ones at 0.09. */
const GOOD = 0.8
const POOR = 0.3

const maker = new FaceMaker(LENGTH, SEED)
const next = gaussians(SEED)
const gallery = new Float32Array((STRANGERS + SUBJECTS) * LENGTH)
const people = Array.from({ length: SUBJECTS }, () => new Float32Array(LENGTH))
const rowOf = (id: number): Float32Array => gallery.subarray((id - 1) * LENGTH, id * LENGTH)
for (let id = 1; id <= STRANGERS; id++) maker.person(rowOf(STRANGERS + SUBJECTS + 1 - id))
people.forEach((person, i) => {
  maker.person(person)
  rowOf(i + 1).set(image(person, (GOOD + POOR) / 2))
})

for (const count of [1, 2, 3]) {
  const hits = { fused: 0, evenly: 0, best: 0 }
  let [fusedGap, bestGap] = [0, 0]
  people.forEach((person, i) => {
    const probes = Array.from({ length: count }, () => {
      const quality = 0.5 + 0.5 * Math.tanh(next())
      return { template: image(person, POOR + (GOOD - POOR) * quality), quality }
    })
    const fused = search(fuseProbes(probes))
    const evenly = search(fuseProbes(probes.map(({ template }) => ({ template, quality: 1 }))))
    const best = bestOf(
      probes.map(({ template }) => search(template)),
      10,
    )
    if (fused[0].id === i + 1) hits.fused++
    if (evenly[0].id === i + 1) hits.evenly++
    if (best[0].id === i + 1) hits.best++
    fusedGap += gapOf(fused, i + 1) / SUBJECTS
    bestGap += gapOf(best, i + 1) / SUBJECTS
  })
  const percent = (n: number): string => ((100 * n) / SUBJECTS).toFixed(1)
  console.log(
    `${count} probes: mate first ${percent(hits.fused)} % fused by quality, ${percent(hits.evenly)} % fused evenly, ` +
      `${percent(hits.best)} % best-of; mate above best stranger by ${fusedGap.toFixed(3)} fused, ${bestGap.toFixed(3)} best-of`,
  )
}

/** An image of the person at this cosine to their direction. */
function image(person: Float32Array, cosine: number): Float32Array {
  const noise = new Float32Array(LENGTH)
  maker.person(noise)
  const made = person.map((x, i) => cosine * x + Math.sqrt(1 - cosine * cosine) * noise[i])
  normalise(made)
  return made
}

function search(query: Float32Array): { id: number; similarity: number }[] {
  return floatScan(gallery, LENGTH, query, 10).map((id) => ({ id, similarity: cosineOf(query, rowOf(id)) }))
}

/** Similarity of the mate less that of the best other face; 0 when the mate is not in the list. */
function gapOf(list: { id: number; similarity: number }[], mate: number): number {
  const found = list.find(({ id }) => id === mate)
  const other = list.find(({ id }) => id !== mate)
  return found === undefined || other === undefined ? 0 : found.similarity - other.similarity
}
