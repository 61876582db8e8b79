import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** Builds the web app when its source changed; once before the browser's tests, which all serve what it made. */
export function buildWeb(): void {
  const built = 'dist/web/index.html'
  const sources = ['web', 'src/contract'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
  )
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs))
  if (existsSync(built) && statSync(built).mtimeMs > newest) return
  // In a process of its own: under vitest React would come in its development build.
  const env = { ...process.env, NODE_ENV: 'production' }
  execFileSync('npm', ['run', 'build:web'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** What vitest calls. */
export { buildWeb as setup }
