import type { CallReply } from '../contract/client/api-client.ts'
import { EXIT } from './exit-codes.ts'
import { say, sayJson, warn } from './output/terminal.ts'

type State = CallReply<'importFile'>['state']
export interface Outcome {
  name: string
  state: State
  detail: string | null
  reason: string | null
  remarks: readonly { kind: string }[]
}

/**
 * Says what came of the files of an import through a service.
 * @param unsent files that were not sent, because it was broken off
 * @returns the exit code
 */
export function tell(outcomes: readonly Outcome[], unsent: number, json: boolean): number {
  const bad = outcomes.filter(({ state }) => state === 'failed' || state === 'unreadable')
  const differing = outcomes.filter(({ reason }) => reason === 'digest_differs')
  const remarked = outcomes.filter(({ remarks }) => remarks.length > 0)
  const counts: Partial<Record<State, number>> = {}
  for (const { state } of outcomes) counts[state] = (counts[state] ?? 0) + 1
  if (json) {
    const [notTaken, differ, marked] = [bad, differing, remarked].map((files) =>
      files.map(({ name, state, detail }) => ({ name, state, detail })),
    )
    sayJson({
      files: outcomes.length + unsent,
      sent: outcomes.length,
      counts,
      notTaken,
      differing: differ,
      remarked: marked,
    })
  } else {
    const { done = 0, no_face: without = 0, duplicate = 0, waiting = 0 } = counts
    if (waiting > 0) {
      const files = waiting === 1 ? '1 file is' : `${waiting} files are`
      say(`${files} still being read; the service goes on by itself.`)
    }
    say(`${done} with faces, ${without} without, ${duplicate} held already, ${bad.length} not taken.`)
    for (const { name, detail } of bad) warn(`${name}: ${detail ?? ''}`)
    for (const { name, detail } of differing) warn(`${name}: taken in, but ${detail ?? 'changed'}`)
    for (const { name, detail } of remarked) warn(`${name}: taken in. ${detail ?? ''}`)
    if (unsent > 0) say(`${unsent} were not sent: run the same command again to go on.`)
  }
  return bad.length > 0 || differing.length > 0 || unsent > 0 ? EXIT.badInput : 0
}
