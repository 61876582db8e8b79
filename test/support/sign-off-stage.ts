import assert from 'node:assert/strict'
import type { AccountActor } from '../../src/actor/actor.ts'
import { showSearch } from '../../src/cases/show-search.ts'
import type { Conclusion } from '../../src/contract/examination-words.ts'
import { isPrimaryIdentifier, type EvidenceKind } from '../../src/contract/identification-words.ts'
import { AppError } from '../../src/errors.ts'
import {
  abandonExamination,
  analyseProbe,
  beginExamination,
  compareCandidate,
  finishExamination,
} from '../../src/examination/examine-candidate.ts'
import {
  analyseLineupProbe,
  compareInLineup,
  finishLineup,
  showLineup,
} from '../../src/examination/examine-lineup.ts'
import { assignLineup, recallLineup, returnLineup, takeLineup } from '../../src/examination/take-lineup.ts'
import {
  closeIdentification,
  namePerson,
  signIdentification,
  withdrawIdentification,
} from '../../src/identification/change-identification.ts'
import { corroborate, retractCorroboration } from '../../src/identification/corroborate.ts'
import { askThirdExaminer } from '../../src/identification/ask-verifications.ts'
import type { Call } from './sign-off-calls.ts'
import { maySign, mayTake, peopleBehind, type GateFacts } from './sign-off-rules.ts'
import { comparison, suitable, type madeUpContext } from './made-up-lead.ts'

type GateContext = ReturnType<typeof madeUpContext>

export interface StagedLead {
  id: string
  searchId: string
  /** Whom it may be named after. */
  personId: string
  crew: readonly AccountActor[]
  facts: GateFacts
}

/** One lead with its accounts: makes calls, and keeps the facts of those that were accepted. */
export class Stage {
  readonly #ctx: GateContext
  readonly #id: string
  readonly #searchId: string
  readonly #personId: string
  readonly #crew: readonly AccountActor[]
  readonly #facts: GateFacts
  /** Signatures that were refused, as they must be. */
  refusedSignatures = 0

  constructor(ctx: GateContext, lead: StagedLead) {
    this.#ctx = ctx
    this.#id = lead.id
    this.#searchId = lead.searchId
    this.#personId = lead.personId
    this.#crew = lead.crew
    this.#facts = lead.facts
  }

  /** Makes one call; what the service refuses with one of its own errors leaves the facts as they are. */
  async make(one: Call): Promise<void> {
    const actor = this.#crew[one.who]
    if (one.kind === 'sign') return this.#sign(one.who)
    try {
      await this.#act(one, actor)
    } catch (error) {
      // Only refusals that the service means: anything else is a fault of its own.
      if (!(error instanceof AppError) || error.status >= 500) throw error
    }
  }

  async #sign(by: number): Promise<void> {
    const allowed = maySign(this.#facts, by) && this.#crew[by].roles.includes('supervisor')
    const signing = signIdentification(this.#ctx, this.#crew[by], { id: this.#id, statement: 'Signed.' })
    if (!allowed || (await this.#isBlind(by))) {
      await assert.rejects(signing, AppError)
      this.refusedSignatures += 1
      return
    }
    await signing
    assert.equal(peopleBehind(this.#facts, by), 3)
    this.#facts.end = 'identified'
  }

  async #act(one: Call, actor: AccountActor): Promise<void> {
    const id = this.#id
    const facts = this.#facts
    switch (one.kind) {
      case 'begin':
        await beginExamination(this.#ctx, actor, { identificationId: id })
        facts.examiners.add(one.who)
        return
      case 'analyse':
      case 'examine':
        return this.#examine(one, actor)
      case 'finish':
        return this.#finish(one.who, actor)
      case 'abandon':
        await abandonExamination(this.#ctx, actor, { id: await this.#draft() })
        facts.onlookers.add(one.who)
        return
      case 'take':
        return this.#taken(one.who, (await takeLineup(this.#ctx, actor)) !== undefined)
      case 'assign': {
        const input = { verificationId: await this.#open(), accountId: this.#crew[one.to].accountId }
        await assignLineup(this.#ctx, actor, input)
        facts.onlookers.add(one.who)
        return this.#taken(one.to, true)
      }
      case 'verify':
      case 'finishLineup':
        return this.#verify(one, actor)
      case 'return':
        await returnLineup(this.#ctx, actor, { id: await this.#open(), reason: 'x' })
        facts.onlookers.add(one.who)
        return
      case 'recall':
        await recallLineup(this.#ctx, actor, { verificationId: await this.#open(), reason: 'x' })
        facts.onlookers.add(one.who)
        return
      case 'third':
        await askThirdExaminer(this.#ctx, actor, { id })
        facts.onlookers.add(one.who)
        return
      case 'name':
        await namePerson(this.#ctx, actor, { id, personId: this.#personId })
        facts.hasPerson = true
        facts.onlookers.add(one.who)
        return
      case 'look':
        await showSearch(this.#ctx, actor, { id: this.#searchId })
        facts.onlookers.add(one.who)
        return
      case 'evidence':
        return this.#evidence(one.evidence, one.who, actor)
      case 'retract':
        return this.#retract(one.who, actor)
      case 'close':
        await closeIdentification(this.#ctx, actor, { id, as: one.as, reason: 'x' })
        facts.end = one.as
        return
      case 'withdraw':
        await withdrawIdentification(this.#ctx, actor, { id, reason: 'x' })
        facts.end = 'withdrawn'
        return
      case 'sign':
      default:
        throw new Error(`unknown call ${one.kind}`)
    }
  }

  /** Begins when nothing is begun, and goes on to the end, or only to the end of the comparison. */
  async #examine(
    one: { kind: string; who: number; conclusion: Conclusion },
    actor: AccountActor,
  ): Promise<void> {
    if ((await this.#draftOrNone()) === undefined) {
      await beginExamination(this.#ctx, actor, { identificationId: this.#id })
      this.#facts.examiners.add(one.who)
    }
    const id = await this.#draft()
    await analyseProbe(this.#ctx, actor, { id, analysis: suitable, finish: true }).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    })
    const { id: itemId } = await this.#ctx.store.db
      .selectFrom('examination_item')
      .select('id')
      .where('examination_id', '=', id)
      .executeTakeFirstOrThrow()
    await compareCandidate(this.#ctx, actor, { id, itemId, draft: comparison(one.conclusion) })
    if (one.kind === 'examine') await this.#finish(one.who, actor)
  }

  async #finish(by: number, actor: AccountActor): Promise<void> {
    const { items } = await finishExamination(this.#ctx, actor, { id: await this.#draft() })
    this.#facts.first = { by, conclusion: items[0].conclusion! }
  }

  #taken(by: number, taken: boolean): void {
    if (!taken) return
    assert.ok(mayTake(this.#facts, by), 'only who is blind gets a line-up')
    this.#facts.examiners.add(by)
  }

  async #verify(
    one: { kind: string; who: number; conclusion?: Conclusion; fillerChosen?: boolean },
    actor: AccountActor,
  ): Promise<void> {
    const id = await this.#open()
    const { work } = await showLineup(this.#ctx, actor, { id })
    if (one.kind === 'verify') {
      await analyseLineupProbe(this.#ctx, actor, { id, analysis: suitable, finish: true }).catch(
        () => undefined,
      )
      const chosen = one.fillerChosen === true ? work.items.find(({ role }) => role === 'filler') : undefined
      for (const item of work.items) {
        const isFor = item.role === 'candidate' ? one.conclusion! : 'different_strong'
        const draft = comparison(item === chosen ? 'same_limited' : isFor)
        await compareInLineup(this.#ctx, actor, { id, itemId: item.id, draft })
      }
    }
    const done = await finishLineup(this.#ctx, actor, { id })
    const candidate = done.work.items.find(({ role }) => role === 'candidate')!
    this.#facts.verified.push({
      by: one.who,
      conclusion: candidate.conclusion!,
      fillerChosen: done.work.items.some(
        (item) => item.role === 'filler' && item.conclusion!.startsWith('same'),
      ),
    })
  }

  async #evidence(kind: EvidenceKind, by: number, actor: AccountActor): Promise<void> {
    const named = isPrimaryIdentifier(kind) ? { laboratory: 'L', reference: 'R' } : {}
    const input = { id: this.#id, kind, description: 'x', reference: undefined, laboratory: undefined }
    await corroborate(this.#ctx, actor, { ...input, ...named })
    if (isPrimaryIdentifier(kind)) this.#facts.primary += 1
    else this.#facts.evidence += 1
    this.#facts.onlookers.add(by)
  }

  async #retract(by: number, actor: AccountActor): Promise<void> {
    const entry = await this.#ctx.store.db
      .selectFrom('corroboration')
      .select(['id', 'kind'])
      .where('identification_id', '=', this.#id)
      .where('retracted_at', 'is', null)
      .executeTakeFirst()
    if (entry === undefined) return
    await retractCorroboration(this.#ctx, actor, { id: this.#id, entryId: entry.id, reason: 'x' })
    if (isPrimaryIdentifier(entry.kind)) this.#facts.primary -= 1
    else this.#facts.evidence -= 1
    this.#facts.onlookers.add(by)
  }

  async #isBlind(by: number): Promise<boolean> {
    const taken = await this.#ctx.store.db
      .selectFrom('verification')
      .select('id')
      .where('identification_id', '=', this.#id)
      .where('account_id', '=', this.#crew[by].accountId)
      .where('state', '=', 'taken')
      .executeTakeFirst()
    return taken !== undefined
  }

  async #draftOrNone(): Promise<string | undefined> {
    const row = await this.#ctx.store.db
      .selectFrom('examination')
      .select('id')
      .where('identification_id', '=', this.#id)
      .where('verification_id', 'is', null)
      .where('finished_at', 'is', null)
      .where('abandoned_at', 'is', null)
      .executeTakeFirst()
    return row?.id
  }

  async #draft(): Promise<string> {
    const id = await this.#draftOrNone()
    if (id === undefined) throw new AppError('not_found', 'No draft.')
    return id
  }

  async #open(): Promise<string> {
    const row = await this.#ctx.store.db
      .selectFrom('verification')
      .select('id')
      .where('identification_id', '=', this.#id)
      .where('state', 'in', ['waiting', 'taken'])
      .executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', 'No verification.')
    return row.id
  }
}
