/** The part of better-sqlite3-multiple-ciphers that is used; it is installed only for this bench. */
declare module 'better-sqlite3-multiple-ciphers' {
  export default class Database {
    constructor(file: string)
    pragma(text: string): unknown
    exec(sql: string): this
    prepare(sql: string): { run(...values: unknown[]): unknown; get(...values: unknown[]): unknown }
    close(): this
  }
}
