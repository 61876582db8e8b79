import { acceptInvitation } from '../../src/access/accept-invitation.ts'
import { changeRoles } from '../../src/access/accounts.ts'
import type { AccountActor, Visitor } from '../../src/actor/actor.ts'
import { knownDevice } from '../../src/access/devices.ts'
import { giveInvitationCode } from '../../src/access/invitation-code.ts'
import { invite } from '../../src/access/invitations.ts'
import { newToken, tokenHash } from '../../src/access/one-time-token.ts'
import { accountActor } from '../../src/access/resolve-actor.ts'
import { settleRoleRequest } from '../../src/access/role-requests.ts'
import type { AccessContext } from '../../src/access/service-context.ts'
import { suspend } from '../../src/access/suspensions.ts'
import type { Role } from '../../src/contract/roles.ts'
import { AppError } from '../../src/errors.ts'
import { beginExamination, finishExamination } from '../../src/examination/examine-candidate.ts'
import { finishLineup } from '../../src/examination/examine-lineup.ts'
import { takeLineup } from '../../src/examination/take-lineup.ts'
import { signIdentification } from '../../src/identification/change-identification.ts'
import { openIdentification } from '../../src/identification/open-identification.ts'
import { changeRow } from '../../src/store/tables/change-row.ts'
import { newId, nowIso } from '../../src/store/ids.ts'
import type { Tx } from '../../src/store/database/db.ts'
import { withDigest } from '../../src/store/tables/row-digest.ts'
import { comparison, madeUpSearch, suitable, type madeUpContext } from './made-up-lead.ts'
import { ACCOUNTS, ROLE_SETS, type PeopleCall, type PeopleSequence } from './people-calls.ts'
import { writeByHand } from './write-by-hand.ts'

export type PeopleContext = ReturnType<typeof madeUpContext> &
  Pick<AccessContext, 'auth' | 'live' | 'refusals'>

export interface PeoplePlace {
  agencyId: string
  faceId: string
  personId: string
}

interface Account {
  id: string
  human: number
}

interface Invitation {
  id: string
  /** Whom it is addressed to. */
  human: number
  token: string
  /** The code that stands, with who has it. */
  code: string | undefined
  /** Who can have the link, and who the code. */
  haveLink: Set<number>
  haveCode: Set<number>
}

const VISITOR: Visitor = { kind: 'visitor', name: 'visitor', requestId: 'test', address: '127.0.0.1' }
const HOW = {
  via: {
    kind: 'session' as const,
    id: 'test',
    deviceId: undefined,
    assurance: 'totp' as const,
    isDeviceOpen: true as const,
  },
  requestId: 'test',
  address: '127.0.0.1',
}
/** Roles of people who have an account from the beginning, by human; the first is the first administrator. */
const STAFF: readonly (readonly Role[])[] = [
  ['administrator', 'examiner'],
  ['administrator', 'supervisor', 'examiner'],
  ['examiner'],
]

/** People, what each of them has, and the accounts behind which they sit. */
export class PeopleWorld {
  readonly #ctx: PeopleContext
  readonly #place: PeoplePlace
  readonly #sequence: PeopleSequence
  readonly #accounts: Account[] = []
  readonly #invitations: Invitation[] = []
  /** Cookies of each human's browsers. */
  readonly #browsers = new Map<string, string>()
  #identificationId: string | undefined
  /** Codes with which the service refused calls. */
  readonly refusals: string[] = []
  #deciders: number[] = []

  constructor(ctx: PeopleContext, place: PeoplePlace, sequence: PeopleSequence) {
    this.#ctx = ctx
    this.#place = place
    this.#sequence = sequence
  }

  /** The operator, the first administrator, and staff where there is some; nobody of a world before has a role any more. */
  async begin(): Promise<void> {
    const { operator, humans, staffed } = this.#sequence
    await writeByHand(this.#ctx.store, async (tx) => {
      await tx.deleteFrom('membership').execute()
      await this.#write(tx, operator, ['operator'], null)
      for (let human = 0; human < humans; human++) {
        if (human > 0 && (!staffed || human === operator)) continue
        await this.#write(tx, human, staffed ? STAFF[human] : ['administrator'], this.#place.agencyId)
      }
    })
  }

  /**
   * Makes one call; what the service refuses with one of its own errors changes nothing.
   * @param next those that follow: a decision that none of them could take to the end is not begun, which is most of the time
   */
  async make(call: PeopleCall, next: readonly PeopleCall[]): Promise<void> {
    if (!this.#leadsOn(call, next)) return
    try {
      await this.#act(call)
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      this.refusals.push(error.code)
    }
  }

  /** How many people stand behind the identification; undefined while it is none. */
  async peopleBehind(): Promise<number | undefined> {
    if (this.#identificationId === undefined) return undefined
    const { state } = await this.#ctx.store.db
      .selectFrom('identification')
      .select('state')
      .where('id', '=', this.#identificationId)
      .executeTakeFirstOrThrow()
    return state === 'identified' ? new Set(this.#deciders).size : undefined
  }

  /** Leaves no lead that waits. */
  async end(): Promise<void> {
    if (this.#identificationId === undefined) return
    const identificationId = this.#identificationId
    await writeByHand(this.#ctx.store, async (tx) => {
      const waiting = await tx
        .selectFrom('verification')
        .select('id')
        .where('identification_id', '=', identificationId)
        .where('state', 'in', ['waiting', 'taken'])
        .execute()
      for (const { id } of waiting)
        await changeRow(tx, 'verification', id, { state: 'cancelled', cancelled_at: nowIso() })
    })
  }

  #leadsOn(call: PeopleCall, next: readonly PeopleCall[]): boolean {
    if (call.kind !== 'examine' && call.kind !== 'verify') return true
    const wanted = call.kind === 'examine' ? 'verify' : 'sign'
    return next.some(
      (later, at) =>
        later.kind === wanted &&
        this.#account(later.by) !== this.#account(call.by) &&
        this.#leadsOn(later, next.slice(at + 1)),
    )
  }

  async #act(call: PeopleCall): Promise<void> {
    switch (call.kind) {
      case 'invite':
        return this.#invite(this.#account(call.by), call)
      case 'code':
        return this.#giveCode(this.#account(call.by), call.invitation)
      case 'accept':
        return this.#accept(call.human % this.#sequence.humans, call.invitation)
      case 'change': {
        const input = { accountId: this.#account(call.account).id, roles: ROLE_SETS[call.roles] }
        if (this.#isCareful(this.#account(call.by)) && !this.#isOnlyOne(call.account)) return
        return changeRoles(this.#ctx, await this.#actor(call.by), input)
      }
      case 'confirm':
        return this.#confirm(call.by, call.request)
      case 'suspend': {
        const input = { kind: 'account' as const, id: this.#account(call.account).id, reason: 'test' }
        await suspend(this.#ctx, await this.#actor(call.by), input)
        return
      }
      case 'sit':
        return this.#sit(this.#account(call.account), call.browser)
      case 'examine':
        return this.#examine(call.by)
      case 'verify':
        return this.#verify(call.by)
      case 'sign': {
        if (this.#identificationId === undefined) return
        const input = { id: this.#identificationId, statement: 'Signed.' }
        await signIdentification(this.#ctx, await this.#actor(call.by), input)
        this.#deciders.push(this.#account(call.by).human)
      }
    }
  }

  async #invite(by: Account, call: { by: number; human: number; roles: number }): Promise<void> {
    const { humans, byMail } = this.#sequence
    const human = call.human % humans
    if (this.#accounts.length + this.#invitations.length >= ACCOUNTS) return
    if (this.#isCareful(by) && !this.#isNew(human)) return
    const { invitation, token } = await invite(this.#ctx, await this.#actor(call.by), {
      email: `${newId()}@people.example`,
      name: `Human ${human}`,
      roles: ROLE_SETS[call.roles],
      agencyId: this.#place.agencyId,
      byMail,
    })
    const haveLink = new Set(byMail ? [human] : [human, by.human])
    const made = { id: invitation.id, human, token, haveLink, haveCode: new Set<number>() }
    this.#invitations.push({ ...made, code: undefined })
  }

  async #giveCode(by: Account, at: number): Promise<void> {
    const invitation = this.#invitation(at)
    if (invitation === undefined) return
    if (this.#isCareful(by) && !this.#isNew(invitation.human)) return
    const actor = await accountActor(this.#ctx.store.lookups, by.id, HOW)
    invitation.code = await giveInvitationCode(this.#ctx, actor, { id: invitation.id })
    // Read out to whom it is for, and known to who made it.
    invitation.haveCode = new Set([by.human, invitation.human])
  }

  async #accept(human: number, at: number): Promise<void> {
    const invitation = this.#invitation(at)
    if (invitation === undefined || !invitation.haveLink.has(human)) return
    const code = invitation.haveCode.has(human) ? invitation.code : undefined
    const { accountId: id } = await acceptInvitation(this.#ctx, VISITOR, {
      token: invitation.token,
      password: 'a long enough sentence',
      email: undefined,
      name: undefined,
      code,
    })
    this.#invitations.splice(this.#invitations.indexOf(invitation), 1)
    const account = { id, human }
    this.#accounts.push(account)
    await this.#sit(account, this.#accounts.length)
  }

  async #confirm(by: number, at: number): Promise<void> {
    const ids = this.#accounts.map(({ id }) => id)
    const waiting = await this.#ctx.store.db
      .selectFrom('role_request')
      .select(['id', 'account_id'])
      .where('account_id', 'in', ids)
      .where('settled_at', 'is', null)
      .orderBy('id')
      .execute()
    if (waiting.length === 0) return
    const request = waiting[at % waiting.length]
    const about = ids.indexOf(request.account_id)
    if (this.#isCareful(this.#account(by)) && !this.#isOnlyOne(about)) return
    const input = { id: request.id, outcome: 'confirmed' as const }
    await settleRoleRequest(this.#ctx, await this.#actor(by), input)
  }

  /** A whole first examination; what is written into it, evidence and person are written by hand, what decides is called. */
  async #examine(by: number): Promise<void> {
    const ctx = this.#ctx
    const actor = await this.#actor(by)
    if (!actor.permissions.has('examination.write')) return
    this.#identificationId ??= await this.#open(actor)
    const id = this.#identificationId
    const { examination } = await beginExamination(ctx, actor, { identificationId: id })
    await this.#fillIn(examination.id, async (tx) => {
      await changeRow(tx, 'identification', id, { person_id: this.#place.personId })
      const entry = {
        id: newId(),
        identification_id: id,
        kind: 'document' as const,
        description: 'x',
        reference: null,
        laboratory: null,
        recorded_by: actor.name,
        account_id: actor.accountId,
        recorded_at: nowIso(),
        retracted_by: null,
        retracted_at: null,
        retract_reason: null,
      }
      await tx.insertInto('corroboration').values(withDigest('corroboration', entry)).execute()
    })
    await finishExamination(ctx, actor, { id: examination.id })
    this.#deciders.push(this.#account(by).human)
  }

  async #open(actor: AccountActor): Promise<string> {
    const { searchId } = await madeUpSearch(this.#ctx.store, actor, [], { faceId: this.#place.faceId })
    return (await openIdentification(this.#ctx, actor, { searchId, rank: 1, probeFaceId: undefined })).id
  }

  async #verify(by: number): Promise<void> {
    if (this.#identificationId === undefined) return
    const actor = await this.#actor(by)
    const id = await takeLineup(this.#ctx, actor)
    if (id === undefined) {
      this.refusals.push('no_lineup')
      return
    }
    const { id: examinationId } = await this.#ctx.store.db
      .selectFrom('examination')
      .select('id')
      .where('verification_id', '=', id)
      .executeTakeFirstOrThrow()
    await this.#fillIn(examinationId)
    await finishLineup(this.#ctx, actor, { id })
    this.#deciders.push(this.#account(by).human)
  }

  /** Analysis and conclusions: the same person for the candidate, others for the rest. */
  async #fillIn(examinationId: string, more?: (tx: Tx) => Promise<void>): Promise<void> {
    await writeByHand(this.#ctx.store, async (tx) => {
      await more?.(tx)
      const analysis = JSON.stringify(suitable)
      await changeRow(tx, 'examination', examinationId, { analysis, analysis_finished_at: nowIso() })
      const items = await tx
        .selectFrom('examination_item')
        .select(['id', 'role'])
        .where('examination_id', '=', examinationId)
        .execute()
      for (const { id, role } of items) {
        const draft = comparison(role === 'candidate' ? 'same_strong' : 'different_strong')
        await changeRow(tx, 'examination_item', id, {
          ...draft,
          checklist: JSON.stringify(draft.checklist),
        })
      }
    })
  }

  async #write(tx: Tx, human: number, roles: readonly Role[], agencyId: string | null): Promise<void> {
    const id = newId()
    const at = nowIso()
    const who = { email: `${id}@people.example`, name: `Human ${human}` }
    const account = { id, agency_id: agencyId, ...who, created_at: at, created_by: 'test' }
    await tx.insertInto('account').values(withDigest('account', account)).execute()
    for (const role of roles) {
      const row = { id: newId(), account_id: id, role, granted_by: 'test', granted_at: at }
      await tx.insertInto('membership').values(withDigest('membership', row)).execute()
    }
    const device = {
      id: newId(),
      account_id: id,
      token_hash: tokenHash(this.#cookie(human, 0)),
      label: 'test',
    }
    await tx
      .insertInto('device')
      .values(withDigest('device', { ...device, first_seen_at: at }))
      .execute()
    this.#accounts.push({ id, human })
  }

  /** Signs the account in at one of its human's browsers: who wants to decide alone has several, all others one. */
  async #sit({ id, human }: Account, browser: number): Promise<void> {
    const at = { deviceToken: this.#cookie(human, browser), userAgent: 'test' }
    await knownDevice(this.#ctx, VISITOR, id, at)
  }

  #cookie(human: number, browser: number): string {
    const place = human === this.#sequence.crook ? `${human} ${browser}` : `${human}`
    const cookie = this.#browsers.get(place) ?? newToken().token
    this.#browsers.set(place, cookie)
    return cookie
  }

  async #actor(at: number): Promise<AccountActor> {
    return accountActor(this.#ctx.store.lookups, this.#account(at).id, HOW)
  }

  #account(at: number): Account {
    return this.#accounts[at % this.#accounts.length]
  }

  #invitation(at: number): Invitation | undefined {
    return this.#invitations[at % Math.max(1, this.#invitations.length)]
  }

  /** Whoever knows whom they bring in and confirm, where somebody wants to decide alone. */
  #isCareful({ human }: Account): boolean {
    const { crook } = this.#sequence
    return crook !== undefined && human !== crook
  }

  #isOnlyOne(account: number): boolean {
    const { human } = this.#account(account)
    return this.#accounts.filter((other) => other.human === human).length === 1
  }

  /** Has no account, and no code of another invitation. */
  #isNew(human: number): boolean {
    return (
      this.#accounts.every((account) => account.human !== human) &&
      this.#invitations.every((other) => other.human !== human || !other.haveCode.has(human))
    )
  }
}
