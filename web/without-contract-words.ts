import type { Plugin } from 'vite'

const STRING = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\$]|\\.)*`/.source
const SUMMARY = new RegExp(String.raw`\bsummary:\s*(?:${STRING}),`, 'g')
const DESCRIPTION = new RegExp(String.raw`\s*\.describe\(\s*(?:${STRING}),?\s*\)`, 'g')

/** Leaves what only the documentation reads out of the contract that browsers load: a sixth of it. */
export function withoutContractWords(): Plugin {
  return {
    name: 'without-contract-words',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/src\/contract\/[^?]+\.ts$/.test(id)) return undefined
      const lean = code.replaceAll(SUMMARY, "summary: '',").replaceAll(DESCRIPTION, '')
      return { code: lean, map: null }
    },
  }
}
