import { useTranslation } from 'react-i18next'
import { Caution } from './caution.tsx'

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
      <Caution key={number}>
        {t('browse.faceAlt', { number })}: {t('advice.unsure_face')}
      </Caution>
    ))
}
