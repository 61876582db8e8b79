/**
 * The part of AssemblyScript's compiler that is used. tsconfig.json puts it in the compiler's place, which is there only
 * when a kernel is compiled, and whose own types would change those of JavaScript everywhere else.
 */
export function main(argv: readonly string[]): Promise<{ error: Error | null }>
