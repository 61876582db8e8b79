import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { BENCHES } from '../bench/benches.ts'

function runBench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['bench/run.ts', ...args], { encoding: 'utf8' })
}

test('without a name, every bench is listed with what it measures', () => {
  const { status, stdout } = runBench()
  expect(status).toBe(0)
  for (const [name, { measures }] of Object.entries(BENCHES))
    expect(stdout).toMatch(new RegExp(`^  ${name} +${measures}$`, 'm'))
})

test.each(['nothing', 'toString'])('"%s" is no bench: said, with those that there are', (name) => {
  const { status, stdout, stderr } = runBench(name)
  expect(status).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain(`There is no bench "${name}".`)
  expect(stderr).toContain('gallery')
})

test('options reach the bench, and its failure is the failure of the command', () => {
  const { status, stderr } = runBench('exif', '--no-such-option')
  expect(stderr).toContain('--no-such-option')
  expect(status).toBe(1)
})

test('every folder of a bench is listed, and every bench that is listed is there with its packages', () => {
  const programs = Object.values(BENCHES).map(({ program }) => program)
  const folders = readdirSync('bench', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name } of folders) expect(programs).toContain(`${name}/run.ts`)
  expect(programs.filter((program) => !existsSync(path.join('bench', program)))).toEqual([])
  const withPackages = folders.filter(({ name }) => existsSync(path.join('bench', name, 'package.json')))
  const installed = Object.values(BENCHES).flatMap(({ packages }) => packages ?? [])
  expect(installed.toSorted()).toEqual(withPackages.map(({ name }) => name).toSorted())
})
