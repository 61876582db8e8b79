/** The one function of `semver` that is used: whether every version of one range lies in another. */
declare module 'semver' {
  export function subset(range: string, of: string): boolean
}
