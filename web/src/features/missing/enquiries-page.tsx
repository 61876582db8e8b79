import { Button, NativeSelect } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ENQUIRY_STATES } from '../../../../src/contract/missing-words.ts'
import { EnquiryTable } from './enquiry-table.tsx'
import { NewEnquiry } from './new-enquiry.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'

const route = getRouteApi('/app/enquiries')

/** The enquiry desk: what families ask, and what they were told. */
export function EnquiriesPage() {
  const { t } = useTranslation()
  const { state } = route.useSearch()
  const navigate = route.useNavigate()
  const [opening, setOpening] = useState(false)
  const enquiries = usePages('listEnquiries', (cursor) => ({ query: { state, cursor } }))
  const openButton = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpening(true)}>
      {t('enquiry.new')}
    </Button>
  )
  return (
    <>
      <PageHead title={t('nav.enquiries')} note={t('enquiry.help')}>
        <NativeSelect
          aria-label={t('enquiry.state')}
          value={state ?? ''}
          onChange={(event) => {
            const chosen = ENQUIRY_STATES.find((one) => one === event.currentTarget.value)
            void navigate({ search: (old) => ({ ...old, state: chosen }) })
          }}
          data={[
            { value: '', label: t('case.all') },
            ...ENQUIRY_STATES.map((value) => ({ value, label: t(`enquiry.stateIs.${value}`) })),
          ]}
        />
        {openButton}
      </PageHead>
      <Pages query={enquiries}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState title={t('enquiry.none')} help={t('enquiry.noneHelp')} />
          ) : (
            <EnquiryTable enquiries={items} />
          )
        }
      </Pages>
      {opening && (
        <NewEnquiry
          personId={undefined}
          onClose={() => setOpening(false)}
          onOpened={(enquiryId) => void navigate({ to: '/enquiries/$enquiryId', params: { enquiryId } })}
        />
      )}
    </>
  )
}
