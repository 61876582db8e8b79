import { NativeSelect, SegmentedControl } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { IDENTIFICATION_STATES } from '../../../../src/contract/identification-words.ts'
import { LeadTable } from './lead-table.tsx'
import { useMay } from '../../session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'

const route = getRouteApi('/app/identifications')

/** Leads and what became of them, in all cases that the account works on. */
export function LeadsPage() {
  const { t } = useTranslation()
  const may = useMay()
  const isVerifier = may('lineup.examine')
  const { state, scope = isVerifier ? 'own' : 'all' } = route.useSearch()
  const navigate = route.useNavigate()
  const leads = usePages('listLeads', (cursor) => ({ query: { state, scope, cursor } }))
  return (
    <>
      <PageHead
        title={t('nav.leads')}
        note={isVerifier && scope === 'own' ? t('ident.blindHelp') : t('ident.listHelp')}
      >
        <SegmentedControl
          aria-label={t('ident.whose')}
          value={scope}
          onChange={(value) =>
            void navigate({ search: (old) => ({ ...old, scope: value === 'all' ? 'all' : 'own' }) })
          }
          data={[
            { value: 'own', label: t('ident.own') },
            { value: 'all', label: t('ident.all') },
          ]}
        />
        <NativeSelect
          aria-label={t('ident.state')}
          value={state ?? ''}
          onChange={(event) => {
            const chosen = IDENTIFICATION_STATES.find((one) => one === event.currentTarget.value)
            void navigate({ search: (old) => ({ ...old, state: chosen }) })
          }}
          data={[
            { value: '', label: t('case.all') },
            ...IDENTIFICATION_STATES.map((value) => ({ value, label: t(`term.states.${value}`) })),
          ]}
        />
      </PageHead>
      <Pages query={leads}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState title={t('ident.none')} help={t('ident.noneHelp')} />
          ) : (
            <LeadTable leads={items} />
          )
        }
      </Pages>
    </>
  )
}
