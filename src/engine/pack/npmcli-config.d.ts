/** The part of @npmcli/config that is used; the package ships no types. */
declare module '@npmcli/config' {
  export default class Config {
    constructor(options: {
      npmPath: string
      definitions: unknown
      shorthands: unknown
      flatten: unknown
      argv: string[]
      warn: boolean
    })
    load(): Promise<void>
    readonly flat: Record<string, unknown>
  }
}

declare module '@npmcli/config/lib/definitions/index.js' {
  const definitions: { definitions: unknown; shorthands: unknown; flatten: unknown }
  export default definitions
}
