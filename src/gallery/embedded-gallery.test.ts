import { describeGallery } from '../../test/support/gallery-contract.ts'
import { EmbeddedGallery } from './embedded-gallery.ts'

describeGallery(
  'in memory',
  async (templateLength, loadTemplates) => new EmbeddedGallery({ templateLength, loadTemplates, threads: 2 }),
)

describeGallery(
  'in many small shards',
  async (templateLength, loadTemplates) =>
    new EmbeddedGallery({ templateLength, loadTemplates, threads: 3, rowsPerShard: 1024 }),
)
