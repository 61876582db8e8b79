import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Names the faces that may be none. */
export function FaceDoubts({
  faces,
}: {
  faces: readonly { number: number; quality: Record<string, unknown> }[]
}) {
  const { t } = useTranslation()
  return faces
    .filter(({ quality }) => Array.isArray(quality.advice) && quality.advice.includes('unsure_face'))
    .map(({ number }) => (
      <Text key={number} size="sm" fw={500} c="var(--mantine-color-yellow-text)">
        {t('browse.faceAlt', { number })}: {t('advice.unsure_face')}
      </Text>
    ))
}
