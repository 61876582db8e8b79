import process from 'node:process'

/** Settings in the environment that are secrets, or hold one. */
const SECRETS = ['LIKENESS_KEY', 'LIKENESS_API_KEY', 'LIKENESS_SMTP_URL', 'LIKENESS_ANCHOR_KEY'] as const
type Secret = (typeof SECRETS)[number]

const taken = new Map<Secret, string>()

/**
 * Takes secrets out of the environment, before anything else is done: programs and threads that are started later inherit
 * none. Whoever may read this process's memory, or what the system keeps of how it was started, reads them still; files of
 * keys are better (`--key-file`).
 */
export function takeSecrets(): void {
  for (const name of SECRETS) {
    const value = process.env[name]
    if (value !== undefined) taken.set(name, value)
    Reflect.deleteProperty(process.env, name)
  }
}

/** A secret that was taken; undefined when there was none, or an empty one. */
export function secretSetting(name: Secret): string | undefined {
  return taken.get(name) || undefined
}
