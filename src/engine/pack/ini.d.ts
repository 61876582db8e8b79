/** The part of ini, which reads npm's own files, that is used; the package ships no types. */
declare module 'ini' {
  export function parse(text: string): Record<string, unknown>
}
