import type { CallReply } from '../contract/api-client.ts'
import { EXIT } from './exit-codes.ts'
import { say, sayJson, warn } from './output/terminal.ts'

type State = CallReply<'importFile'>['state']
export interface Outcome {
  name: string
  state: State
  detail: string | null
}

/** Says what came of the files of an import through a service. @returns the exit code */
export function tell(outcomes: readonly Outcome[], total: number, json: boolean): number {
  const bad = outcomes.filter(({ state }) => state === 'failed' || state === 'unreadable')
  const counts: Partial<Record<State, number>> = {}
  for (const { state } of outcomes) counts[state] = (counts[state] ?? 0) + 1
  if (json) sayJson({ files: total, sent: outcomes.length, counts, notTaken: bad })
  else {
    const { done = 0, no_face: without = 0, duplicate = 0, waiting = 0 } = counts
    if (waiting > 0) {
      const videos = waiting === 1 ? '1 video was sent and is' : `${waiting} videos were sent and are`
      say(`${videos} read by the service now.`)
    }
    say(`${done} with faces, ${without} without, ${duplicate} held already, ${bad.length} not taken.`)
    for (const { name, detail } of bad) warn(`${name}: ${detail ?? ''}`)
    if (outcomes.length < total)
      say(`${total - outcomes.length} were not sent: run the same command again to go on.`)
  }
  return bad.length > 0 || outcomes.length < total ? EXIT.badInput : 0
}
