import { readFileSync } from 'node:fs'
import { Option, type Command } from 'commander'
import { ApiClient, ApiProblem, type CallInput, type CallReply } from '../contract/client/api-client.ts'
import type { EndpointName } from '../contract/endpoints.ts'
import { AppError, isErrorCode, reasonOf } from '../errors.ts'
import { secretSetting } from './secret-settings.ts'

/** Options of commands that work on a record of their own, or through a service. */
export interface ServerOptions {
  server?: string
  apiKeyFile?: string
}

/** Adds --server and --api-key-file. */
export function addServerOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--server <url>', 'work through a service instead of on --data').env('LIKENESS_SERVER'),
    )
    .addOption(
      new Option('--api-key-file <file>', 'file with an API key; LIKENESS_API_KEY otherwise').env(
        'LIKENESS_API_KEY_FILE',
      ),
    )
}

/** Calls a service with an API key; what it refuses, and that it cannot be reached, come as an AppError. */
export class ServerClient {
  readonly #client: ApiClient
  readonly #server: string

  /** @throws AppError `bad_input` without an address or a key */
  constructor({ server, apiKeyFile }: ServerOptions) {
    if (server === undefined || !/^https?:\/\//.test(server))
      throw new AppError(
        'bad_input',
        `--server ${server ?? ''}: expected an address with http:// or https://.`,
      )
    this.#server = server.replace(/\/+$/, '')
    this.#client = new ApiClient({ server: this.#server, apiKey: apiKeyOf(apiKeyFile) })
  }

  /** Address of a page of the web app. */
  page(path: string): string {
    return `${this.#server}${path}`
  }

  /** @throws AppError with the service's own code */
  call<Name extends EndpointName>(name: Name, input: CallInput<Name>): Promise<CallReply<Name>> {
    return this.with((api) => api.call(name, input), input.signal)
  }

  /**
   * Several calls that belong together, such as a file in parts.
   * @throws AppError with the service's own code, `unreachable` when there was no answer; the signal's reason
   */
  async with<Result>(work: (api: ApiClient) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    try {
      return await work(this.#client)
    } catch (error) {
      if (error instanceof AppError) throw error
      if (error instanceof ApiProblem) {
        const code = isErrorCode(error.code) ? error.code : 'internal'
        const { retryAfterSeconds } = error
        throw new AppError(code, error.message, {
          cause: error,
          ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
        })
      }
      if (signal?.aborted === true) throw error
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
      throw new AppError('unreachable', `${this.#server} cannot be reached: ${reasonOf(cause)}.`, {
        cause: error,
      })
    }
  }

  /** A case by its id or the agency's number. @throws AppError `not_found` */
  async findCase(idOrNumber: string): Promise<CallReply<'listCases'>['items'][number]> {
    let cursor: string | undefined
    do {
      const { items, next } = await this.call('listCases', { query: { cursor, limit: 200 } })
      const found = items.find(({ id, number }) => id === idOrNumber || number === idOrNumber)
      if (found !== undefined) return found
      cursor = next ?? undefined
    } while (cursor !== undefined)
    throw new AppError('not_found', `The account works on no case '${idOrNumber}'.`)
  }

  /** Ids of collections by id or title. @throws AppError `not_found` */
  async findCollections(names: readonly string[]): Promise<string[]> {
    const all = await this.call('listCollections', {})
    return names.map((name) => {
      const found = all.find(({ id, title }) => id === name || title === name)
      if (found === undefined) throw new AppError('not_found', `The agency has no collection '${name}'.`)
      return found.id
    })
  }
}

function apiKeyOf(file: string | undefined): string {
  let key = secretSetting('LIKENESS_API_KEY')
  if (file !== undefined) {
    try {
      key = readFileSync(file, 'utf8')
    } catch (error) {
      throw new AppError('bad_input', `The API key file ${file} cannot be read: ${reasonOf(error)}.`, {
        cause: error,
      })
    }
  }
  key = key?.trim()
  if (key === undefined || key === '') {
    throw new AppError(
      'bad_input',
      'A service needs an API key: make one on the page of your account, and give it in LIKENESS_API_KEY or with --api-key-file.',
    )
  }
  return key
}
