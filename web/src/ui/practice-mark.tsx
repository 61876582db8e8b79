import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../api.ts'
import styles from './practice-mark.module.css'

/** Whether this is a practice instance; it was made as one, and stays one. */
export const practiceQuery = { ...apiQuery('showPractice', {}), staleTime: Number.POSITIVE_INFINITY }

/** Stands on every page of a practice instance, so that nobody takes it for a real one. */
export function PracticeMark() {
  const { t } = useTranslation()
  const { data } = useQuery(practiceQuery)
  if (data?.isPractice !== true) return null
  return (
    <aside className={styles.mark} aria-label={t('practice.mark')}>
      <strong>{t('practice.mark')}</strong>
      <span>{t('practice.help')}</span>
    </aside>
  )
}
