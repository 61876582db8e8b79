/** Cookies by name. */
export type Cookies = Map<string, string>

/** As they stand in the header of a request. */
export function cookieHeader(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}

/** `fetch` as the browser of one person does it: with the origin of its page, and the cookies that it was given. */
export function browserFetch(origin: string): { fetch: typeof fetch; cookies: Cookies } {
  const cookies: Cookies = new Map()
  return {
    cookies,
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers)
      headers.set('origin', origin)
      if (cookies.size > 0) headers.set('cookie', cookieHeader(cookies))
      const response = await fetch(url, { ...init, headers })
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
        if (/max-age=0/i.test(line)) cookies.delete(name)
        else cookies.set(name, value)
      }
      return response
    },
  }
}
