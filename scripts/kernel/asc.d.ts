/** The part of AssemblyScript's compiler that is used; it is installed only when a kernel is compiled. */
declare module 'assemblyscript/asc' {
  export function main(argv: readonly string[]): Promise<{ error: Error | null }>
}
