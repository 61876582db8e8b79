import { NativeSelect, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ALERT_STATES } from '../../../../src/contract/watch-words.ts'
import { apiQuery } from '../../api.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { AlertCard } from './alert-card.tsx'
import styles from './alerts.module.css'

const route = getRouteApi('/app/alerts')
const WHOSE = ['open', 'mine', 'overdue'] as const

/** The board of alerts; new ones come by themselves. */
export function AlertsPage() {
  const { t } = useTranslation()
  const { show = 'open', person } = route.useSearch()
  const navigate = route.useNavigate()
  const counts = useQuery(apiQuery('countAlerts', {}))
  const whose = WHOSE.find((one) => one === show)
  const state = show === 'mine' || show === 'overdue' ? 'open' : show
  const alerts = usePages('listAlerts', (cursor) => ({
    query: {
      state,
      personId: person,
      ...(show === 'mine' ? { whose: 'mine' as const } : {}),
      ...(show === 'overdue' ? { overdue: 'yes' as const } : {}),
      limit: 24,
      cursor,
    },
  }))
  const choose = (value: string): void => {
    const chosen = [...WHOSE, ...ALERT_STATES].find((one) => one === value)
    void navigate({ search: (old) => ({ ...old, show: chosen }) })
  }
  return (
    <>
      <PageHead
        title={t('nav.alerts')}
        note={
          <>
            {t('alert.help')}
            <br />
            <span className="numbers">
              {counts.data !== undefined && t('alert.counts', { ...counts.data })}
            </span>
          </>
        }
      >
        <TextLink to="/standing-searches" fz="sm">
          {t('standing.all')}
        </TextLink>
        <SegmentedControl
          aria-label={t('alert.whose')}
          value={whose ?? ''}
          onChange={choose}
          data={WHOSE.map((value) => ({ value, label: t(`alert.filter.${value}`) }))}
        />
        <NativeSelect
          aria-label={t('alert.states')}
          value={whose === undefined ? show : ''}
          onChange={(event) => choose(event.currentTarget.value)}
          data={[
            { value: '', label: t('alert.states') },
            ...ALERT_STATES.map((value) => ({ value, label: t(`alert.state.${value}`) })),
          ]}
        />
      </PageHead>
      <Pages query={alerts}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState title={t('alert.none')} help={t('alert.noneHelp')} />
          ) : (
            <ul className={styles.grid}>
              {items.map((alert) => (
                <li key={alert.id}>
                  <AlertCard alert={alert} />
                </li>
              ))}
            </ul>
          )
        }
      </Pages>
    </>
  )
}
