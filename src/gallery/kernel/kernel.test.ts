import { expect, test } from 'vitest'
import { hashOfSources } from '../../../test/support/compile-kernel.ts'
import { KERNEL_SOURCES_SHA256 } from './kernel-bytes.ts'

test('the committed kernel was made from the sources as they are', async () => {
  expect(KERNEL_SOURCES_SHA256, 'run `npm run build:kernel`').toBe(await hashOfSources())
})
