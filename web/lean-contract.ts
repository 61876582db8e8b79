import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Plugin } from 'vite'
import type { API_PREFIX, endpoints } from '../src/contract/endpoints.ts'
import type { Endpoint } from '../src/contract/endpoint.ts'

const CONTRACT = fileURLToPath(new URL('../src/contract/endpoints.ts', import.meta.url))

/**
 * Puts a table in the place of the contract that browsers load: of each operation what the client needs to call it. Its
 * schemas check what arrives at the service and document it; they are a quarter of what the app would load first.
 */
export function leanContract(): Plugin {
  return {
    name: 'lean-contract',
    apply: 'build',
    async load(id) {
      if (id !== CONTRACT) return undefined
      const contract = (await import(pathToFileURL(id).href)) as {
        API_PREFIX: typeof API_PREFIX
        endpoints: typeof endpoints
      }
      const table = Object.entries<Endpoint>(contract.endpoints).map(([name, endpoint]) => {
        const { method, path, photoBody, stream } = endpoint
        return [
          name,
          { method, path, photoBody, stream, ...(endpoint.reply !== undefined && { reply: true }) },
        ]
      })
      return [
        `export const API_PREFIX = ${JSON.stringify(contract.API_PREFIX)}`,
        `export const endpoints = ${JSON.stringify(Object.fromEntries(table))}`,
      ].join('\n')
    },
  }
}
