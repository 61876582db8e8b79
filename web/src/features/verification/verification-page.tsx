import { Alert, Button, Grid, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { PhotoIntake } from '../../ui/photo-intake.tsx'
import { ProbePicture } from '../../ui/probe-picture.tsx'
import { NO_ADJUSTMENT } from '../../ui/adjust-panel.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useAddProbes } from '../../ui/use-add-probes.ts'
import { useFormats } from '../../ui/use-formats.ts'
import { VerificationResult } from './verification-result.tsx'

const route = getRouteApi('/app/verification')
const MOST_CASES = 200

/** For a desk: is this the person in the document? */
export function VerificationPage() {
  const { t } = useTranslation()
  const { case: chosen } = route.useSearch()
  const navigate = route.useNavigate()
  const cases = useQuery(apiQuery('listCases', { query: { status: 'open', limit: MOST_CASES } }))
  return (
    <>
      <PageHead title={t('nav.verification')} note={t('verify.help')} />
      <Loaded query={cases}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('verify.noCase')} help={t('verify.noCaseHelp')} />
          ) : (
            <Stack>
              <NativeSelect
                label={t('verify.case')}
                maw={480}
                value={chosen ?? items[0].id}
                onChange={(event) => void navigate({ search: { case: event.currentTarget.value } })}
                data={items.map(({ id, number, title }) => ({ value: id, label: `${number} · ${title}` }))}
              />
              <Desk key={chosen ?? items[0].id} caseId={chosen ?? items[0].id} />
            </Stack>
          )
        }
      </Loaded>
    </>
  )
}

type Probe = Reply<'showProbe'>
interface Chosen {
  probe: Probe
  faceId: string | undefined
}

function Desk({ caseId }: { caseId: string }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [document, setDocument] = useState<Chosen>()
  const [live, setLive] = useState<Chosen>()
  const compare = useApi('compareFaces')
  const faces = [document?.faceId, live?.faceId]
  const ready = faces.every((id) => id !== undefined)
  const clear = (): void => {
    setDocument(undefined)
    setLive(undefined)
    compare.reset()
  }
  const change = (set: (chosen: Chosen | undefined) => void) => (chosen: Chosen | undefined) => {
    compare.reset()
    set(chosen)
  }
  return (
    <Stack>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, sm: 6 }}>
          <PhotoSlot
            title={t('verify.document')}
            caseId={caseId}
            chosen={document}
            onChosen={change(setDocument)}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, sm: 6 }}>
          <PhotoSlot title={t('verify.live')} caseId={caseId} chosen={live} onChosen={change(setLive)} />
        </Grid.Col>
      </Grid>
      <Group>
        <Button
          size="md"
          disabled={!ready}
          loading={compare.isPending}
          onClick={() =>
            compare.mutate({ params: { id: caseId }, body: { faceA: faces[0]!, faceB: faces[1]! } })
          }
        >
          {t('verify.compare')}
        </Button>
        {(document !== undefined || live !== undefined) && (
          <Button variant="default" size="md" onClick={clear}>
            {t('verify.nextPerson')}
          </Button>
        )}
      </Group>
      <ProblemAlert error={compare.error} />
      {compare.data !== undefined && <VerificationResult result={compare.data} format={format} />}
    </Stack>
  )
}

function PhotoSlot({
  title,
  caseId,
  chosen,
  onChosen,
}: {
  title: string
  caseId: string
  chosen: Chosen | undefined
  onChosen: (chosen: Chosen | undefined) => void
}) {
  const { t } = useTranslation()
  const add = useAddProbes(caseId)
  const takeIn = (files: File[]): void =>
    add.mutate(files.slice(0, 1), {
      onSuccess: ([probe]) =>
        onChosen({ probe, faceId: probe.faces.length === 1 ? probe.faces[0].id : undefined }),
    })
  return (
    <Paper withBorder p="sm" component="section" aria-label={title}>
      <Stack gap="xs">
        <Title order={2}>{title}</Title>
        <ProblemAlert error={add.error} />
        {chosen === undefined ? (
          <PhotoIntake busy={add.isPending} takesPaste={false} label={title} onPhotos={takeIn} />
        ) : (
          <>
            <ProbePicture
              height="34dvh"
              probe={chosen.probe}
              chosen={chosen.faceId === undefined ? [] : [chosen.faceId]}
              onToggle={(faceId) => onChosen({ ...chosen, faceId })}
              adjustment={NO_ADJUSTMENT}
              onCrop={undefined}
            />
            {chosen.probe.faces.length === 0 && <Alert color="yellow">{t('verify.noFace')}</Alert>}
            {chosen.probe.faces.length > 1 && chosen.faceId === undefined && (
              <Text size="sm">{t('search.pickHelp')}</Text>
            )}
            <Button
              variant="default"
              onClick={() => {
                add.reset()
                onChosen(undefined)
              }}
            >
              {t('verify.another')}
            </Button>
          </>
        )}
      </Stack>
    </Paper>
  )
}
