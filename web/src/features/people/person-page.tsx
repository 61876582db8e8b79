import { Alert, Badge, Button, Paper, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, type Reply } from '../../api.ts'
import { Contacts } from '../missing/contacts.tsx'
import { DisappearanceSection } from '../missing/disappearance-section.tsx'
import { PersonEnquiries } from '../missing/person-enquiries.tsx'
import { PersonPhotos } from '../missing/person-photos.tsx'
import { DviForms } from './dvi-form.tsx'
import { EditPerson } from './edit-person.tsx'
import { MergeDialog } from './merge-dialog.tsx'
import { PersonChanges } from './person-changes.tsx'
import { PersonFaces } from './person-faces.tsx'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { StandingSearches } from '../watch/standing-searches.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { Term } from '../../ui/fact.tsx'

const route = getRouteApi('/app/people/$personId')

/** One person: names in every script, facts, forms, faces, merges and splits. */
export function PersonPage() {
  const { personId } = route.useParams()
  const person = useQuery(apiQuery('showPerson', { params: { id: personId } }))
  return <Loaded query={person}>{(shown) => <PersonView key={shown.id} person={shown} />}</Loaded>
}

function PersonView({ person }: { person: Reply<'showPerson'> }) {
  const { t } = useTranslation()
  const may = useMay()
  const [asking, setAsking] = useState<'edit' | 'merge'>()
  const stop = (): void => setAsking(undefined)
  return (
    <>
      <PageHead
        title={person.names[0]?.written ?? person.importedName ?? t('person.unnamed')}
        crumbs={[{ label: t('nav.people'), to: '/people' }]}
        note={
          person.status !== null && <Badge variant="default">{t(`person.statusIs.${person.status}`)}</Badge>
        }
      >
        {may('person.change') && !person.retired && (
          <Button variant="default" onClick={() => setAsking('edit')}>
            {t('person.edit')}
          </Button>
        )}
        {may('person.merge') && !person.retired && (
          <Button variant="default" onClick={() => setAsking('merge')}>
            {t('person.merge')}
          </Button>
        )}
      </PageHead>
      <Stack gap="xl">
        {person.retired && <Alert color="yellow">{t('person.retired')}</Alert>}
        <Facts person={person} />
        <DisappearanceSection person={person} />
        <PersonPhotos person={person} />
        <PersonFaces person={person} />
        {may('watch.read') && <StandingSearches person={person} />}
        {may('contact.read') && (
          <Contacts personId={person.id} canChange={may('contact.change') && !person.retired} />
        )}
        {may('enquiry.read') && (
          <PersonEnquiries personId={person.id} canChange={may('enquiry.change') && !person.retired} />
        )}
        <DviForms person={person} />
        <PersonChanges person={person} />
      </Stack>
      {asking === 'edit' && <EditPerson person={person} onClose={stop} />}
      {asking === 'merge' && <MergeDialog personId={person.id} onClose={stop} />}
    </>
  )
}

function Facts({ person }: { person: Reply<'showPerson'> }) {
  const { t } = useTranslation()
  const format = useFormats()
  const birth =
    person.birthDate === null
      ? null
      : `${person.birthDate}${person.birthApproximate ? ` (${t('person.about')})` : ''}`
  const facts: [string, string | null][] = [
    [t('person.ref'), person.ref],
    [t('person.birthDate'), birth],
    [t('person.affiliation'), person.affiliation],
    [t('person.importedName'), person.importedName],
    [t('person.note'), person.note],
    [t('person.created'), `${person.createdBy}, ${format.time(person.createdAt)}`],
    [
      t('person.changed'),
      person.changedAt === null ? null : `${person.changedBy}, ${format.time(person.changedAt)}`,
    ],
  ]
  return (
    <Paper withBorder p="md" component="section" aria-label={t('person.facts')}>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="md" verticalSpacing="sm" component="dl" m={0}>
        {person.names.map((name) => (
          <Term key={name.id} name={t(`person.kindIs.${name.kind}`)}>
            {name.written}
            {name.romanised !== null && (
              <Text span size="xs" c="dimmed">
                {' '}
                {name.romanised}
              </Text>
            )}
          </Term>
        ))}
        {facts.map(([name, value]) => (
          <Term key={name} name={name}>
            {value}
          </Term>
        ))}
      </SimpleGrid>
    </Paper>
  )
}
