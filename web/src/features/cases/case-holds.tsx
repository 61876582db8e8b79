import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi } from '../../api.ts'
import { LegalHolds } from '../../ui/legal-holds.tsx'

/** Legal holds that keep the material of a case whatever its date. */
export function CaseHolds({ caseId, canHold }: { caseId: string; canHold: boolean }) {
  const { t } = useTranslation()
  const holds = useQuery(apiQuery('listCaseHolds', { params: { id: caseId } }))
  const impose = useApi('imposeCaseHold', ['listCaseHolds', 'showTimeline'])
  const lift = useApi('liftCaseHold', ['listCaseHolds', 'showTimeline'])
  return (
    <LegalHolds
      holds={holds}
      help={t('hold.caseHelp')}
      canHold={canHold}
      impose={impose}
      lift={lift}
      onImpose={(reason, onSuccess) =>
        impose.mutate({ params: { id: caseId }, body: { reason } }, { onSuccess })
      }
      onLift={(id, reason, onSuccess) => lift.mutate({ params: { id }, body: { reason } }, { onSuccess })}
    />
  )
}
