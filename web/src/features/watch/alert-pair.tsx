import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { alertPicture } from '../../../../src/contract/client/picture-addresses.ts'
import type { Reply } from '../../api.ts'
import { useFormats } from '../../ui/use-formats.ts'
import styles from './alerts.module.css'
import { RevealButton } from '../../ui/reveal-button.tsx'

export type Alert = Reply<'listAlerts'>['items'][number]

const FACE_PX = 240

/** The person looked for and the face found, small, side by side; sensitive ones stay blurred until somebody asks. */
export function AlertPair({ alert }: { alert: Alert }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [revealed, setRevealed] = useState(false)
  const hit = alert.hits.at(0)
  if (hit === undefined) return <div className={styles.gone}>{t('alert.gone')}</div>
  const at = format.time(alert.raisedAt)
  const isSensitive = alert.media?.sensitive === true
  return (
    <div className={styles.pair}>
      {(['person', 'found'] as const).map((which) => (
        <img
          key={which}
          src={alertPicture(alert.id, hit.id, { which, part: 'face', side: FACE_PX, reveal: revealed })}
          alt={t(which === 'person' ? 'alert.personAlt' : 'alert.foundAlt', { at })}
          loading="lazy"
          decoding="async"
        />
      ))}
      {isSensitive && !revealed && <RevealButton onReveal={() => setRevealed(true)} />}
    </div>
  )
}
