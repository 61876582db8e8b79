import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { expect, test } from 'vitest'
import { decoderPackage } from './decoder/ffmpeg-library.ts'

test('the FFmpeg that npm brings stands under the licences that docs/decisions/video-programs.md names', () => {
  // In a process of its own, as everything that loads the addon.
  const program = `import { createRequire } from 'node:module'
    const { configuration } = createRequire(${JSON.stringify(import.meta.url)})(${JSON.stringify(decoderPackage())}).getFFmpegInfo()
    console.log(configuration)
    process.exit()`
  const configuration = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  const decides = [
    ...configuration.matchAll(
      /--enable-(gpl|version3|nonfree|libx26[45]|libfdk-aac|libxvid|librubberband)\b/g,
    ),
  ]
  // When a newer version says otherwise, what people who pass it on are told must change with it.
  expect(decides.map(([, name]) => name)).toEqual(['gpl', 'version3', 'libfdk-aac', 'libx264', 'libx265'])
})
