import { Alert, Grid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { apiQuery, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { PhotoIntake } from '../../ui/photo-intake.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { ProbeBench } from './probe-bench.tsx'
import { SearchOptions } from './search-options.tsx'
import { SubjectFaces } from './subject-faces.tsx'
import { useAddProbes } from '../../ui/use-add-probes.ts'

const route = getRouteApi('/app/cases/$caseId/search')
const KNOWN_PROBES = 60

/** From a photo to a search: take it in, pick the face, make it clearer, choose where to look. */
export function NewSearchPage() {
  const { t } = useTranslation()
  const may = useMay()
  const { caseId } = route.useParams()
  const { probe: probeId, faces = [] } = route.useSearch()
  const navigate = route.useNavigate()
  const caseFile = useQuery(apiQuery('showCase', { params: { id: caseId } }))
  const probes = useQuery(apiQuery('listProbes', { params: { id: caseId }, query: { limit: KNOWN_PROBES } }))
  const probe = useQuery({
    ...apiQuery('showProbe', { params: { id: probeId ?? '' } }),
    enabled: probeId !== undefined,
  })
  const add = useAddProbes(caseId)

  const goTo = (next: { probe?: string | undefined; faces?: string[] }): void =>
    void navigate({ search: { probe: probeId, faces, ...next } })
  const takeIn = (files: File[]): void =>
    add.mutate(files, {
      onSuccess: (added) => {
        // A photo with one face needs no choice.
        const single = added.flatMap((one) => (one.faces.length === 1 ? [one.faces[0].id] : []))
        goTo({ probe: added.at(-1)?.id, faces: [...new Set([...faces, ...single])] })
      },
    })
  // What went wrong with one photo is not said beside another.
  const show = (next: { probe: string; faces?: string[] }): void => {
    add.reset()
    goTo(next)
  }
  const toggle = (id: string): void =>
    goTo({ faces: faces.includes(id) ? faces.filter((one) => one !== id) : [...faces, id] })

  return (
    <>
      <PageHead
        title={t('case.newSearch')}
        crumbs={[
          { label: t('nav.cases'), to: '/cases' },
          { label: caseFile.data?.title ?? '…', to: '/cases/$caseId', params: { caseId } },
        ]}
      />
      <Stack>
        <ProblemAlert error={add.error} />
        {probeId === undefined ? (
          <>
            <PhotoIntake busy={add.isPending} onPhotos={takeIn} />
            <Text size="sm" c="dimmed">
              {t('search.originalKept')}
            </Text>
          </>
        ) : (
          <Grid gap="md">
            <Grid.Col span={{ base: 12, md: 8 }}>
              <Loaded query={probe}>
                {(shown) => (
                  <ProbeBench
                    key={shown.id}
                    probe={shown}
                    chosen={faces}
                    onToggle={toggle}
                    onShow={(id, face) =>
                      show({ probe: id, faces: face === undefined ? faces : [...faces, face] })
                    }
                  />
                )}
              </Loaded>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 4 }}>
              <Stack>
                <SubjectFaces
                  probes={withShown(probes.data?.items ?? [], probe.data)}
                  shownId={probeId}
                  chosen={faces}
                  onShow={(id) => show({ probe: id })}
                  onRemove={toggle}
                />
                {may('search.run') ? (
                  <SearchOptions caseId={caseId} faces={faces} />
                ) : (
                  <Alert title={t('search.onlyProbe')}>{t('search.onlyProbeHelp')}</Alert>
                )}
                <PhotoIntake compact busy={add.isPending} onPhotos={takeIn} />
              </Stack>
            </Grid.Col>
          </Grid>
        )}
        {probeId === undefined && (probes.data?.items.length ?? 0) > 0 && (
          <section>
            <Title order={2} mb="xs">
              {t('search.orEarlier')}
            </Title>
            <SubjectFaces
              probes={probes.data?.items ?? []}
              shownId={undefined}
              chosen={faces}
              onShow={(id) => show({ probe: id })}
              onRemove={toggle}
            />
          </section>
        )}
      </Stack>
    </>
  )
}

/** The list may be older than the photo that was just taken in. */
function withShown(
  probes: Reply<'listProbes'>['items'],
  shown: Reply<'showProbe'> | undefined,
): Reply<'listProbes'>['items'] {
  return shown === undefined || probes.some(({ id }) => id === shown.id) ? probes : [shown, ...probes]
}
