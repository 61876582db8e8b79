import { useTranslation } from 'react-i18next'
import { candidatePicture } from '../../../../src/contract/client/picture-addresses.ts'
import type { Candidate } from '../../ui/candidate-facts.ts'
import styles from './candidate-grid.module.css'
import { RevealButton } from '../../ui/reveal-button.tsx'

/** A candidate's face; a sensitive one stays blurred until somebody asks, which is written down. */
export function CandidatePicture({
  searchId,
  candidate,
  side,
  revealed,
  onReveal,
}: {
  searchId: string
  candidate: Candidate
  side: number
  revealed: boolean
  onReveal: () => void
}) {
  const { t } = useTranslation()
  const { rank, media } = candidate
  if (media === null) return <div className={styles.gone}>{t('cand.gone')}</div>
  return (
    <div className={styles.picture}>
      <img
        src={candidatePicture(searchId, rank, { side, part: 'face', reveal: revealed })}
        alt={t('cand.alt', { rank })}
        loading="lazy"
        decoding="async"
        width={side}
        height={side}
      />
      {media.sensitive && !revealed && <RevealButton onReveal={onReveal} />}
    </div>
  )
}
