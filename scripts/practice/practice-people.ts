import type { ApiClient } from '../../src/contract/client/api-client.ts'
import type { Role } from '../../src/contract/roles.ts'
import { practiceClient } from './practice-client.ts'

/** Somebody of the sample agency. */
export interface Colleague {
  client: ApiClient
  accountId: string
  name: string
}

/**
 * The sample agency: three examiners, since whoever verifies must not have seen the case, and one of each other role. Its
 * administrator comes first, and then a supervisor, who confirms the others.
 */
const PEOPLE = {
  administrator: ['Alla Administrator', ['administrator']],
  supervisor: ['Sofiia Supervisor', ['supervisor']],
  examiner: ['Iryna Examiner', ['examiner']],
  verifier: ['Vira Examiner', ['examiner']],
  third: ['Taras Examiner', ['examiner']],
  curator: ['Kateryna Curator', ['curator']],
  liaison: ['Lesia Liaison', ['liaison']],
  fieldOfficer: ['Fedir Field', ['field_officer']],
  auditor: ['Anton Auditor', ['auditor']],
} as const satisfies Record<string, readonly [string, readonly Role[]]>

export type Crew = Record<keyof typeof PEOPLE, Colleague>

const AGENCY = 'Practice bureau'
const OPERATOR = { email: 'operator@practice.example', name: 'Olena Operator' }

/**
 * Sets the instance up as its operator would, and brings everybody in by invitation.
 * @param password of the record for practice, the same for all
 */
export async function openAgency(address: string, setupLink: string, password: string): Promise<Crew> {
  const visitor = practiceClient(address)
  await visitor.call('acceptInvitation', { body: { token: tokenOf(setupLink), password, ...OPERATOR } })
  const operator = await signedIn(address, OPERATOR.name)
  const { id: agencyId } = await operator.client.call('createAgency', { body: { name: AGENCY } })
  const crew = new Map<string, Colleague>()
  for (const [part, [name, roles]] of Object.entries(PEOPLE)) {
    const email = `${part.toLowerCase()}@practice.example`
    const inviter = crew.get('administrator')
    const body = { email, name, roles: [...roles], ...(inviter === undefined ? { agencyId } : {}) }
    const { client: second } = crew.get('supervisor') ?? operator
    const { id, link } = await (inviter ?? operator).client.call('invite', { body })
    const given = inviter && (await second.call('giveInvitationCode', { params: { id }, body: {} }))
    await visitor.call('acceptInvitation', { body: { token: tokenOf(link!), password, ...given } })
    crew.set(part, await signedIn(address, name))
    const [waiting] = await second.call('listRoleRequests', {})
    if (waiting !== undefined) await second.call('confirmRole', { params: { id: waiting.id }, body: {} })
  }
  return Object.fromEntries(crew) as Crew
}

function tokenOf(link: string): string {
  return new URL(link).hash.slice(1)
}

/** Signs in as the web app's one click does. */
async function signedIn(address: string, name: string): Promise<Colleague> {
  const client = practiceClient(address)
  const { accounts } = await client.call('showPractice', {})
  const { accountId } = accounts.find((account) => account.name === name)!
  await client.call('signInForPractice', { body: { accountId } })
  return { client, accountId, name }
}
