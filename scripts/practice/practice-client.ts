import { ApiClient } from '../../src/contract/api-client.ts'

/** A client that keeps cookies, as the browser of one person does. @param address of the service, as browsers reach it */
export function practiceClient(address: string): ApiClient {
  const cookies = new Map<string, string>()
  return new ApiClient({
    server: address,
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers)
      headers.set('origin', address)
      if (cookies.size > 0)
        headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
      const response = await fetch(url, { ...init, headers })
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
        cookies.set(name, value)
      }
      return response
    },
  })
}
