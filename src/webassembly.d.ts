// The part of the WebAssembly interface that is used here; Node's types do not declare it and the DOM's bring a browser along.

declare namespace WebAssembly {
  // oxlint-disable-next-line typescript/no-extraneous-class -- it has nothing else that is used here
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>)
    readonly exports: Record<string, unknown>
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true })
    readonly buffer: SharedArrayBuffer
  }
}
