import { ApiClient } from '../../src/contract/client/api-client.ts'
import { browserFetch } from '../browser-fetch.ts'

/** A client that keeps cookies, as the browser of one person does. @param address of the service, as browsers reach it */
export function practiceClient(address: string): ApiClient {
  return new ApiClient({ server: address, fetch: browserFetch(address).fetch })
}
