import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { mediaPicture } from '../../../../src/contract/client/picture-addresses.ts'
import type { Reply } from '../../api.ts'
import styles from './media.module.css'
import { RevealButton } from '../../ui/reveal-button.tsx'

export type Media = Reply<'showMedia'>

/** A photo of a collection, or one face of it; a sensitive one stays blurred until somebody asks, which is written down. */
export function MediaPicture({
  collectionId,
  media,
  face,
  side,
  square = false,
}: {
  collectionId: string
  media: Media
  /** Number of the face. */
  face?: number
  side: number
  /** Cut to a square instead of shown whole. */
  square?: boolean
}) {
  const { t } = useTranslation()
  const [revealed, setRevealed] = useState(false)
  return (
    <div className={square ? styles.square : styles.whole}>
      <img
        src={mediaPicture(collectionId, media.id, { side, face, reveal: revealed })}
        alt={face === undefined ? t('browse.photoAlt') : t('browse.faceAlt', { number: face })}
        loading="lazy"
        decoding="async"
      />
      {media.sensitive && !revealed && <RevealButton onReveal={() => setRevealed(true)} />}
    </div>
  )
}
