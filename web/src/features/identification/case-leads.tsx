import { Button, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../session.ts'
import { Pages, usePages } from '../../ui/pages.tsx'
import { LeadTable } from './lead-table.tsx'

/** Leads of one case. Whoever may be a blind verifier is asked first: a look would make them see what they verify. */
export function CaseLeads({ caseId }: { caseId: string }) {
  const { t } = useTranslation()
  const may = useMay()
  const [asked, setAsked] = useState(false)
  const isShown = asked || !may('lineup.examine')
  return (
    <section>
      <Title order={2} mb="xs">
        {t('nav.leads')}
      </Title>
      {isShown ? (
        <ShownLeads caseId={caseId} />
      ) : (
        <>
          <Text size="sm" c="dimmed" mb="xs">
            {t('ident.blindHelp')}
          </Text>
          <Button variant="default" onClick={() => setAsked(true)}>
            {t('ident.showLeads')}
          </Button>
        </>
      )}
    </section>
  )
}

function ShownLeads({ caseId }: { caseId: string }) {
  const { t } = useTranslation()
  const leads = usePages('listIdentifications', (cursor) => ({ params: { id: caseId }, query: { cursor } }))
  return (
    <Pages query={leads}>
      {(items) =>
        items.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('ident.noneHelp')}
          </Text>
        ) : (
          <LeadTable leads={items} />
        )
      }
    </Pages>
  )
}
