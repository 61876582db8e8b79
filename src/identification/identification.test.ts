import { describe, expect, test } from 'vitest'
import { showCase } from '../cases/show-case.ts'
import type { CasePurpose } from '../contract/case-purposes.ts'
import {
  closeIdentification,
  namePerson,
  signIdentification,
  withdrawIdentification,
} from './change-identification.ts'
import { corroborate, retractCorroboration } from './corroborate.ts'
import { showIdentification } from './show-identification.ts'
import { changePerson } from '../people/save-person.ts'
import { NOTHING_OF_A_PERSON } from '../../test/support/nothing-of-a-person.ts'
import { transmit } from './transmit.ts'
import { finishLineup } from '../examination/examine-lineup.ts'
import { wilson } from '../examination/measured-error.ts'
import { takeLineup } from '../examination/take-lineup.ts'
import {
  type Bureau,
  leadBureau,
  examine,
  verify,
  stateOf,
  person,
  document,
} from '../../test/support/lead-bureau.ts'
import { writeByHand } from '../../test/support/write-by-hand.ts'

async function corroborated(purpose?: CasePurpose): Promise<Bureau> {
  const made = await leadBureau(purpose)
  await examine(made, 'same_strong')
  await verify(made, made.vera, (await takeLineup(made.ctx, made.vera))!, 'same_moderate')
  return made
}
const sign = ({ ctx, sofia, id }: Bureau) =>
  signIdentification(ctx, sofia, { id, statement: 'On all that stands here.' })

describe('an identification', () => {
  test('needs evidence beside the face, and a person that it is of', async () => {
    const made = await corroborated()
    const { ctx, eva, id } = made
    await expect(sign(made)).rejects.toMatchObject({ code: 'gate_shut' })
    await corroborate(ctx, eva, { id, ...document })
    await expect(sign(made)).rejects.toMatchObject({ code: 'gate_shut' })
    const personId = await person(made)
    await namePerson(ctx, eva, { id, personId })
    // A record of before a name or a number was asked for says nothing of whom it is.
    await writeByHand(ctx.store, (tx) =>
      tx.deleteFrom('person_name').where('person_id', '=', personId).execute(),
    )
    expect((await showIdentification(ctx, eva, { id })).missing).toEqual(['person'])
    await expect(sign(made)).rejects.toThrow('person')
    await changePerson(ctx, eva, { ...NOTHING_OF_A_PERSON, id: personId })
    await sign(made)
    expect(await stateOf(made)).toBe('identified')
    await expect(corroborate(ctx, eva, { id, ...document })).rejects.toMatchObject({ code: 'conflict' })
  })

  test('of the dead needs a primary identifier with laboratory and reference', async () => {
    for (const made of [await corroborated('identify_the_dead'), await corroborated()]) {
      const { ctx, eva, id } = made
      await corroborate(ctx, eva, { id, ...document })
      await namePerson(ctx, eva, { id, personId: await person(made, 'dead') })
      await expect(sign(made)).rejects.toThrow('primary_identifier')
      const dna = { ...document, id, kind: 'dna' as const }
      await expect(corroborate(ctx, eva, dna)).rejects.toMatchObject({ code: 'bad_input' })
      await corroborate(ctx, eva, { ...dna, laboratory: 'Bureau of forensic medicine', reference: 'DNA-7' })
      await sign(made)
      expect(await stateOf(made)).toBe('identified')
    }
  })

  test('does not rest on evidence that was retracted', async () => {
    const made = await corroborated()
    const { ctx, eva, id } = made
    await corroborate(ctx, eva, { id, ...document })
    await namePerson(ctx, eva, { id, personId: await person(made) })
    const { corroborations } = await showIdentification(ctx, eva, { id })
    await retractCorroboration(ctx, eva, { id, entryId: corroborations[0].id, reason: 'a forgery' })
    await expect(sign(made)).rejects.toThrow('corroboration')
  })

  test('cannot be written past the gate, whatever the code does', async () => {
    const { ctx, id } = await corroborated()
    const write = ctx.store.db
      .updateTable('identification')
      .set({ state: 'identified' })
      .where('id', '=', id)
      .execute()
    await expect(write).rejects.toThrow('gate')
  })

  test('that is withdrawn names everyone who was told', async () => {
    const made = await corroborated()
    const { ctx, eva, sofia, id } = made
    await corroborate(ctx, eva, { id, ...document })
    await namePerson(ctx, eva, { id, personId: await person(made) })
    await sign(made)
    await transmit(ctx, sofia, {
      identificationId: id,
      recipientKind: 'national_bureau',
      recipient: 'National Information Bureau',
      reference: undefined,
      reportId: undefined,
      withEvidence: true,
      legalBasis: 'Geneva Convention III, 122',
      note: undefined,
    })
    const told = await withdrawIdentification(ctx, sofia, { id, reason: 'The passport was forged.' })
    expect(told).toMatchObject([{ by: 'transmittal', recipient: 'National Information Bureau' }])
    const shown = await showIdentification(ctx, sofia, { id })
    expect(shown.identification.state).toBe('withdrawn')
    expect(shown.timeline.map(({ kind }) => kind)).toEqual([
      'opened',
      'examination_begun',
      'examination_finished',
      'verification_asked',
      'verification_taken',
      'verification_finished',
      'evidence_recorded',
      'signed',
      'transmitted',
      'withdrawn',
    ])
    await expect(withdrawIdentification(ctx, sofia, { id, reason: 'x' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test('that is closed frees its verifier', async () => {
    const made = await leadBureau()
    const { ctx, vera, sofia, id, caseId } = made
    await examine(made, 'same_strong')
    const lineup = (await takeLineup(ctx, vera))!
    await closeIdentification(ctx, sofia, { id, as: 'inconclusive', reason: 'The case was handed over.' })
    expect(await stateOf(made)).toBe('inconclusive')
    expect((await showCase(ctx, vera, { id: caseId })).id).toBe(caseId)
    await expect(finishLineup(ctx, vera, { id: lineup })).rejects.toMatchObject({ code: 'conflict' })
  })
})

test('intervals of rates are those of the literature', () => {
  // Newcombe 1998, table I: 81 of 263, and 0 of 20.
  const many = wilson(81, 263)
  expect([many.low, many.high].map((share) => share.toFixed(4))).toEqual(['0.2553', '0.3662'])
  const none = wilson(0, 20)
  expect([none.low, none.high].map((share) => share.toFixed(4))).toEqual(['0.0000', '0.1611'])
})
