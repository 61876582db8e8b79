import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { describeGallery } from '../../test/support/gallery-contract.ts'
import { openGallery } from './embedded-gallery.ts'

describeGallery('with encrypted files, in many small shards', async (templateLength, loadTemplates) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'likeness-gallery-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const key = new Uint8Array(32).fill(9)
  const options = {
    folder,
    key,
    label: 'test',
    templateLength,
    loadTemplates,
    threads: 2,
    rowsPerShard: 1024,
  }
  const { gallery } = await openGallery(options)
  return gallery
})
