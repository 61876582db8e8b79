import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { measureAccuracy, rank1OfProbes, type Sample } from './accuracy.ts'

/** A unit vector in the plane at an angle, so that similarities are cosines that can be checked by hand. */
function at(person: string, degrees: number): Sample {
  const radians = (degrees * Math.PI) / 180
  return { person, template: Float32Array.of(Math.cos(radians), Math.sin(radians)) }
}

describe('measureAccuracy', () => {
  test('people far apart are told apart without error', () => {
    const { accuracy, cmc } = measureAccuracy([
      at('a', 0),
      at('a', 5),
      at('b', 90),
      at('b', 95),
      at('c', 180),
      at('c', 185),
    ])
    expect(accuracy).toMatchObject({
      rank1: 1,
      searches: 6,
      matedPairs: 3,
      nonMatedPairs: 12,
      equalErrorRate: 0,
    })
    expect(accuracy.tar).toEqual({ '0.01': 1, '0.001': 1, '0.0001': 1 })
    expect(accuracy.fnir).toEqual({ '0.01': 0 })
    expect(cmc[0]).toBe(1)
  })

  test('a stranger nearer than the mate costs rank-1 and the open-set search', () => {
    const { accuracy, cmc, worstMated, worstNonMated } = measureAccuracy([
      at('a', 0),
      at('a', 40),
      at('b', 10),
      at('b', 15),
    ])
    // a at 0 is nearest to b at 10; a at 40 to b at 15; both b are nearest to each other.
    expect(accuracy.rank1).toBe(0.5)
    expect(cmc[2]).toBe(1)
    expect(accuracy.tar['0.01']).toBe(0.5)
    expect(accuracy.fnir['0.01']).toBe(0.5)
    expect(worstMated[0]).toMatchObject({ a: 0, b: 1 })
    expect(worstNonMated[0]).toMatchObject({ a: 0, b: 2 })
  })

  test('a person with one photo is no search but a non-mated one', () => {
    const { accuracy } = measureAccuracy([at('a', 0), at('a', 5), at('b', 90)])
    expect(accuracy).toMatchObject({ searches: 2, nonMatedSearches: 3 })
  })

  test('the threshold lets through no more than the share that it is named for', () => {
    const people = Array.from({ length: 40 }, (_, i) => [at(`p${i}`, i * 9), at(`p${i}`, i * 9 + 1)]).flat()
    const { accuracy } = measureAccuracy(people)
    const impostors = people.flatMap((a, i) =>
      people
        .slice(i + 1)
        .flatMap((b) =>
          a.person === b.person ? [] : [a.template[0] * b.template[0] + a.template[1] * b.template[1]],
        ),
    )
    const passing =
      impostors.filter((score) => score >= accuracy.thresholds['0.01']).length / impostors.length
    expect(passing).toBeLessThanOrEqual(0.01)
  })
})

test('a degraded probe that was not found counts as missed', () => {
  const references = [at('a', 0), at('a', 5), at('b', 90), at('b', 95)]
  const probes = [at('a', 2).template, undefined, at('b', 91).template, at('a', 4).template]
  expect(rank1OfProbes(probes, references)).toBe(0.5)
})

test('nine million pairs of faces, a million of them mated, are measured in a heap that could not hold them', () => {
  const program = `
    import { measureAccuracy } from './src/evaluation/accuracy.ts'
    let state = 7
    const next = () => ((state = (state * 48271) % 2147483647), state / 2147483647 - 0.5)
    const face = () => Float32Array.from({ length: 4 }, next)
    const people = [...Array(4).keys()].flatMap((at) => Array(800).fill('of many ' + at))
      .concat([...Array(1000).keys()].map((at) => 'of one ' + at))
    const { accuracy } = measureAccuracy(people.map((person) => ({ person, template: face() })))
    console.log(JSON.stringify([accuracy.matedPairs, accuracy.nonMatedPairs]))`
  const args = ['--max-old-space-size=40', '--input-type=module-typescript', '--eval', program]
  const shown = execFileSync(process.execPath, args, { encoding: 'utf8' })
  const mated = (4 * 800 * 799) / 2
  expect(JSON.parse(shown)).toEqual([mated, (4200 * 4199) / 2 - mated])
})
