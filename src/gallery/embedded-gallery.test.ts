import { describeGallery } from '../../test/support/gallery-contract.ts'
import { openGallery } from './embedded-gallery.ts'

describeGallery('in memory', async (templateLength, loadTemplates) => {
  const { gallery } = await openGallery({ label: 'test', templateLength, loadTemplates, threads: 2 })
  return gallery
})
