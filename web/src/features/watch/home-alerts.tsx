import { Group, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import { TextLink } from '../../ui/text-link.tsx'
import { AlertCard } from './alert-card.tsx'
import styles from './alerts.module.css'

const SHOWN = 4

/** Alerts that wait, newest first; they come over the stream of events. */
export function HomeAlerts() {
  const { t } = useTranslation()
  const counts = useQuery(apiQuery('countAlerts', {}))
  const alerts = useQuery(apiQuery('listAlerts', { query: { state: 'open', limit: SHOWN } }))
  const items = alerts.data?.items ?? []
  if (items.length === 0) return null
  return (
    <section aria-label={t('alert.waiting')}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('alert.waiting')}</Title>
        <TextLink to="/alerts">{t('nav.alerts')}</TextLink>
      </Group>
      {counts.data !== undefined && (
        <Text size="sm" c="dimmed" mb="xs" className="numbers">
          {t('alert.counts', { ...counts.data })}
        </Text>
      )}
      <ul className={styles.grid}>
        {items.map((alert) => (
          <li key={alert.id}>
            <AlertCard alert={alert} />
          </li>
        ))}
      </ul>
    </section>
  )
}
