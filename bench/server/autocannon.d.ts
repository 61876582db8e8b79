/** The part of autocannon 9 that is used here; the package is installed in this folder only. */
declare module 'autocannon' {
  type Context = Record<string, unknown>
  interface Request {
    method: string
    path: string
    body?: string | Uint8Array
    headers?: Record<string, string>
  }
  interface RequestStep {
    setupRequest(request: Request, context: Context): Request
    onResponse(status: number, body: string, context: Context): void
  }
  interface Result {
    errors: number
    timeouts: number
    non2xx: number
    duration: number
    requests: { total: number }
  }
  export default function autocannon(options: {
    url: string
    connections: number
    amount: number
    timeout: number
    requests: RequestStep[]
  }): Promise<Result>
}
