import { Badge, Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { OPEN_ALERT_STATES } from '../../../../src/contract/watch-words.ts'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { AlertPair, type Alert } from './alert-pair.tsx'
import styles from './alerts.module.css'

/** One alert on the board: the two faces, who is looked for, where it was found, who deals with it until when. */
export function AlertCard({ alert }: { alert: Alert }) {
  const { t } = useTranslation()
  const format = useFormats()
  const isOpen = OPEN_ALERT_STATES.includes(alert.state)
  return (
    <article className={styles.card} data-overdue={alert.isOverdue}>
      <AlertPair alert={alert} />
      <div className={styles.body}>
        <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
          <TextLink
            to="/alerts/$alertId"
            params={{ alertId: alert.id }}
            fw={600}
            style={{ overflowWrap: 'anywhere' }}
          >
            {alert.personName ?? alert.personRef ?? t('alert.unnamed')}
          </TextLink>
          <AlertState alert={alert} />
        </Group>
        <Where alert={alert} />
        <Text size="sm" c="dimmed" className="numbers">
          {t('alert.raised')}: {format.time(alert.raisedAt)}
        </Text>
        {isOpen && (
          <Text size="sm" c={alert.isOverdue ? 'red' : 'dimmed'} className="numbers">
            {t('alert.due')}: {format.time(alert.dueAt)}
          </Text>
        )}
        {isOpen && (
          <Text size="sm" c="dimmed">
            {t('alert.owner')}: {alert.owner?.name ?? t('alert.nobody')}
          </Text>
        )}
        {alert.escalatedAt !== null && isOpen && (
          <Text size="sm" c="red">
            {t('alert.escalated')}
          </Text>
        )}
      </div>
    </article>
  )
}

export function AlertState({ alert }: { alert: Pick<Alert, 'state'> }) {
  const { t } = useTranslation()
  const variant = alert.state === 'new' ? 'filled' : alert.state === 'led_to_lead' ? 'light' : 'default'
  return (
    <Badge variant={variant} style={{ flex: 'none' }}>
      {t(`alert.state.${alert.state}`)}
    </Badge>
  )
}

/** Where the face was found, and how many more of the photo are alike. */
export function Where({ alert }: { alert: Alert }) {
  const { t } = useTranslation()
  const format = useFormats()
  const where =
    alert.probe === null
      ? alert.media?.collections.map(({ title }) => title).join(', ')
      : t('alert.probe', { number: alert.probe.caseNumber })
  const best = alert.hits.at(0)
  if (where === undefined || best === undefined) return null
  return (
    <>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {t('alert.foundIn')}: {where}
        {alert.hits.length > 1 && `, ${t('alert.moreFaces', { count: alert.hits.length - 1 })}`}
      </Text>
      <Text size="sm" c="dimmed" className="numbers">
        {t('cand.similarityIs', { value: format.similarity(best.similarity) })}
      </Text>
    </>
  )
}
