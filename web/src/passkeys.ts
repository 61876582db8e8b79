import { api } from './api.ts'

/** Whether this browser can make and use passkeys at this address. */
export const canUsePasskeys =
  'PublicKeyCredential' in globalThis && 'parseCreationOptionsFromJSON' in PublicKeyCredential

/** Makes a passkey on this device and keeps it with the account. @throws DOMException `NotAllowedError` when cancelled */
export async function makePasskey(name: string): Promise<void> {
  const challenge = await api.call('beginPasskey', {})
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    challenge as unknown as PublicKeyCredentialCreationOptionsJSON,
  )
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential
  await api.call('addPasskey', { body: { name, response: { ...made.toJSON() } } })
}

/** Signs in with a passkey. @throws DOMException `NotAllowedError` when cancelled */
export async function signInByPasskey(): Promise<void> {
  const challenge = await api.call('passkeyChallenge', {})
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    challenge as unknown as PublicKeyCredentialRequestOptionsJSON,
  )
  const used = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
  await api.call('signInWithPasskey', { body: { response: { ...used.toJSON() } } })
}
