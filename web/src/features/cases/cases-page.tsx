import { Button, SegmentedControl } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../session.ts'
import { CaseTable } from './case-table.tsx'
import { CreateCase } from './create-case-form.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'

const route = getRouteApi('/app/cases')

/** Every case that the account works on. */
export function CasesPage() {
  const { t } = useTranslation()
  const may = useMay()
  const { status } = route.useSearch()
  const navigate = route.useNavigate()
  const [creating, { open, close }] = useDisclosure()
  const cases = usePages('listCases', (cursor) => ({ query: { status, cursor } }))
  return (
    <>
      <PageHead title={t('nav.cases')}>
        <SegmentedControl
          aria-label={t('case.status')}
          value={status ?? 'all'}
          onChange={(value) => void navigate({ search: { status: value === 'all' ? undefined : value } })}
          data={[
            { value: 'all', label: t('case.all') },
            { value: 'open', label: t('case.statusIs.open') },
            { value: 'closed', label: t('case.statusIs.closed') },
          ]}
        />
        {may('case.create') && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
            {t('case.create')}
          </Button>
        )}
      </PageHead>
      <Pages query={cases}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState
              title={t('home.noCases')}
              help={may('case.create') ? t('home.noCasesHelp') : t('home.noCasesWait')}
            />
          ) : (
            <CaseTable cases={items} />
          )
        }
      </Pages>
      <CreateCase opened={creating} onClose={close} />
    </>
  )
}
