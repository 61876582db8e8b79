import { Button, Group, Text, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Pages, usePages } from '../../ui/pages.tsx'
import { EnquiryTable } from './enquiry-table.tsx'
import { NewEnquiry } from './new-enquiry.tsx'

/** What families ask about a person; for liaison. */
export function PersonEnquiries({ personId, canChange }: { personId: string; canChange: boolean }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [opening, setOpening] = useState(false)
  const enquiries = usePages('listEnquiries', (cursor) => ({ query: { personId, cursor } }))
  return (
    <section aria-label={t('nav.enquiries')}>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('nav.enquiries')}</Title>
        {canChange && (
          <Button
            size="compact-md"
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setOpening(true)}
          >
            {t('enquiry.new')}
          </Button>
        )}
      </Group>
      <Pages query={enquiries}>
        {(items) =>
          items.length === 0 ? (
            <Text size="sm">{t('enquiry.noneOfPerson')}</Text>
          ) : (
            <EnquiryTable enquiries={items} />
          )
        }
      </Pages>
      {opening && (
        <NewEnquiry
          personId={personId}
          onClose={() => setOpening(false)}
          onOpened={(enquiryId) => void navigate({ to: '/enquiries/$enquiryId', params: { enquiryId } })}
        />
      )}
    </section>
  )
}
