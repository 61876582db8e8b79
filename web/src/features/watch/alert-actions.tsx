import { Button, NativeSelect, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EndpointName } from '../../../../src/contract/endpoints.ts'
import { OPEN_ALERT_STATES } from '../../../../src/contract/watch-words.ts'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { useMay, useMe } from '../../session.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { TextLink } from '../../ui/text-link.tsx'

type Shown = Reply<'showAlert'>

const STALE: readonly EndpointName[] = ['listAlerts', 'showAlert', 'countAlerts', 'listStandingSearches']

/** What can be done with an alert: seen, taken over, dismissed, silenced, taken into a case as a lead. */
export function AlertActions({ alert, hitId }: { alert: Shown; hitId: string | undefined }) {
  const { t } = useTranslation()
  const may = useMay()
  const me = useMe()
  const [asking, setAsking] = useState<'dismiss' | 'not_person' | 'lead'>()
  const acknowledge = useApi('acknowledgeAlert', STALE)
  const take = useApi('takeAlert', STALE)
  const dismiss = useApi('dismissAlert', STALE)
  const notPerson = useApi('alertNotThisPerson', STALE)
  const params = { id: alert.id }
  const stop = (): void => setAsking(undefined)
  if (alert.identificationId !== null && may('identification.read')) {
    return (
      <TextLink to="/identifications/$identificationId" params={{ identificationId: alert.identificationId }}>
        {t('alert.leadOf')}
      </TextLink>
    )
  }
  if (!may('alert.handle') || !OPEN_ALERT_STATES.includes(alert.state)) return null
  return (
    <>
      {alert.state === 'new' && (
        <Button
          variant="default"
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate({ params })}
        >
          {t('alert.acknowledge')}
        </Button>
      )}
      {alert.owner?.id !== me.accountId && (
        <Button variant="default" loading={take.isPending} onClick={() => take.mutate({ params, body: {} })}>
          {t('alert.take')}
        </Button>
      )}
      <Button variant="default" onClick={() => setAsking('dismiss')}>
        {t('alert.dismiss')}
      </Button>
      <Button variant="default" onClick={() => setAsking('not_person')}>
        {t('alert.notPerson')}
      </Button>
      {may('identification.open') && hitId !== undefined && (
        <Button onClick={() => setAsking('lead')}>{t('alert.lead')}</Button>
      )}
      <ProblemAlert error={acknowledge.error ?? take.error} />
      <ReasonDialog
        opened={asking === 'dismiss'}
        title={t('alert.dismiss')}
        warning={t('alert.dismissHelp')}
        act={t('alert.dismiss')}
        busy={dismiss.isPending}
        error={dismiss.error}
        onClose={stop}
        onReason={(reason) => dismiss.mutate({ params, body: { reason } }, { onSuccess: stop })}
      />
      <ReasonDialog
        opened={asking === 'not_person'}
        title={t('alert.notPerson')}
        warning={t('alert.notPersonHelp')}
        act={t('alert.notPerson')}
        busy={notPerson.isPending}
        error={notPerson.error}
        onClose={stop}
        onReason={(reason) => notPerson.mutate({ params, body: { reason } }, { onSuccess: stop })}
      />
      {asking === 'lead' && <LeadDialog alert={alert} hitId={hitId} onClose={stop} />}
    </>
  )
}

/** Which case the lead is examined in. */
function LeadDialog({
  alert,
  hitId,
  onClose,
}: {
  alert: Shown
  hitId: string | undefined
  onClose: () => void
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const cases = useQuery(apiQuery('listCases', { query: { status: 'open', limit: 200 } }))
  const lead = useApi('leadFromAlert', [...STALE, 'listLeads', 'listIdentifications', 'listSearches'])
  const [chosen, setChosen] = useState<string>()
  const items = cases.data?.items ?? []
  const caseId = chosen ?? alert.probe?.caseId ?? items.at(0)?.id
  return (
    <FormDialog
      title={t('alert.lead')}
      act={t('alert.lead')}
      opened
      busy={lead.isPending}
      error={lead.error}
      disabled={caseId === undefined}
      onClose={onClose}
      onSubmit={() => {
        if (caseId === undefined) return
        lead.mutate(
          { params: { id: alert.id }, body: { caseId, hitId } },
          {
            onSuccess: ({ identificationId }) => {
              onClose()
              if (identificationId !== null)
                void navigate({ to: '/identifications/$identificationId', params: { identificationId } })
            },
          },
        )
      }}
    >
      <Text size="sm">{t('alert.caseHelp')}</Text>
      {cases.data !== undefined && items.length === 0 ? (
        <Text size="sm">{t('alert.noCases')}</Text>
      ) : (
        <NativeSelect
          label={t('alert.chooseCase')}
          value={caseId ?? ''}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data={items.map(({ id, number, title }) => ({ value: id, label: `${number} · ${title}` }))}
        />
      )}
    </FormDialog>
  )
}
