import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'

const OPENERS: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}
/** An opener that has not failed by then has opened something. */
const FAILS_WITHIN_MS = 2000

/** Asks the desktop to open an address in its browser. @returns whether there was one to ask */
export async function openInBrowser(url: string): Promise<boolean> {
  const isHeadless =
    process.platform === 'linux' &&
    process.env['DISPLAY'] === undefined &&
    process.env['WAYLAND_DISPLAY'] === undefined
  if (isHeadless) return false
  const [program, ...given] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...given, url], { stdio: 'ignore', detached: true })
  child.unref()
  const failed = Promise.race([
    once(child, 'error').then(() => true),
    once(child, 'exit').then(([code]) => code !== 0),
  ]).catch(() => true)
  const waited = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), FAILS_WITHIN_MS).unref())
  return !(await Promise.race([failed, waited]))
}
