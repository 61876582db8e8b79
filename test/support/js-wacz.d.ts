declare module '@harvard-lil/js-wacz' {
  /** As far as tests use it. */
  export class WACZ {
    constructor(options: { input: string; output: string; detectPages?: boolean; log?: object })
    process(): Promise<void>
  }
}
