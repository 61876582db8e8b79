import { Text } from '@mantine/core'
import { IconVideo } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Candidate } from '../../ui/candidate-facts.ts'
import { clock } from '../../ui/clock.ts'

/** When a candidate is to be seen in its video; nothing for a photo. */
export function MomentLine({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation()
  const moment = candidate.face?.moment
  if (moment === null || moment === undefined) return null
  return (
    <Text size="xs" className="numbers" style={{ display: 'flex', gap: 4, alignItems: 'center' }}>
      <IconVideo size={14} aria-hidden />
      {t('video.at', { time: clock(moment.timeS), of: clock(moment.videoDurationS), track: moment.track })}
    </Text>
  )
}
