import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Reply } from '../../api.ts'
import { clock } from '../../ui/clock.ts'
import { useFormats } from '../../ui/use-formats.ts'

/** How far videos of an import are that are being read. */
export function VideosOnTheWay({ videos }: { videos: Reply<'listImports'>[number]['videos'] }) {
  const { t } = useTranslation()
  const format = useFormats()
  return videos.map(({ name, timeS, durationS, frames, faces }) => (
    <Text key={name} size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
      {t('video.onTheWay', {
        name,
        time: clock(timeS),
        of: durationS === null ? '?' : clock(durationS),
        frames: format.count(frames),
        faces: format.count(faces),
      })}
    </Text>
  ))
}
