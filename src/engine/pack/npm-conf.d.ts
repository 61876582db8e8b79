/** The part of @pnpm/npm-conf that is used; the package ships no types. */
declare module '@pnpm/npm-conf' {
  const npmConf: { defaults: { registry: string } }
  export default npmConf
}
