import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { expect, test } from 'vitest'

const PROGRAM = `
  import { spawnSync } from 'node:child_process'
  import { Worker } from 'node:worker_threads'
  import { secretSetting, takeSecrets } from '${new URL('./secret-settings.ts', import.meta.url).href}'
  takeSecrets()
  const child = spawnSync(process.execPath, ['-p', 'JSON.stringify(process.env)'], { encoding: 'utf8' })
  const worker = new Worker('require("node:worker_threads").parentPort.postMessage(JSON.stringify(process.env))', { eval: true, execArgv: [] })
  const thread = JSON.parse(await new Promise((resolve) => worker.once('message', resolve)))
  const names = ['LIKENESS_KEY', 'LIKENESS_API_KEY', 'LIKENESS_SMTP_URL', 'LIKENESS_HOST']
  const seen = [process.env, thread, JSON.parse(child.stdout)].map((env) => names.map((name) => env[name] ?? null))
  console.log(JSON.stringify({ seen, taken: names.slice(0, 3).map((name) => secretSetting(name)) }))
`

test('secrets of the environment are in no environment after the start: not its own, of no thread and of no program that it starts', () => {
  const { stdout } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', PROGRAM], {
    encoding: 'utf8',
    env: {
      ...process.env,
      LIKENESS_KEY: 'k',
      LIKENESS_API_KEY: 'a',
      LIKENESS_SMTP_URL: 'smtp://u:p@h',
      LIKENESS_HOST: '127.0.0.1',
    },
  })
  const without = [null, null, null, '127.0.0.1']
  expect(JSON.parse(stdout)).toEqual({
    seen: [without, without, without],
    taken: ['k', 'a', 'smtp://u:p@h'],
  })
})
