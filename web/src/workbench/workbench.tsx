import { Button, Grid, Group, Stack } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NoteShape } from '../../../src/contract/mark-endpoints.ts'
import {
  candidatePicture,
  candidateReplay,
  probePicture,
} from '../../../src/contract/client/picture-addresses.ts'
import { useMay } from '../session.ts'
import type { Candidate, Search } from '../ui/candidate-facts.ts'
import { isTyping } from '../ui/is-typing.ts'
import { FaceDoubts } from '../ui/face-doubts.tsx'
import { SourceFacts } from '../ui/source-facts.tsx'
import type { SubjectFace } from '../ui/use-subject.ts'
import { Controls, Pens } from './controls.tsx'
import type { Pen } from './draw-layer.tsx'
import { NoteList, NoteWords } from './note-list.tsx'
import type { Picture } from './pane.tsx'
import { Stages, type Which } from './stages.tsx'
import { useNotes } from './use-notes.ts'
import { benchAfterKey, NEW_BENCH } from './view.ts'

interface Drawn {
  which: Which
  shape: NoteShape
}

/** Probe and candidate under the same lens, with tools, notes and where the candidate comes from. */
export function Workbench({
  search,
  candidate,
  subject,
  onMark,
}: {
  search: Search
  candidate: Candidate
  subject: SubjectFace
  onMark: (mark: 'later' | 'rejected') => void
}) {
  const { t } = useTranslation()
  const may = useMay()
  const [bench, setBench] = useState(NEW_BENCH)
  const [revealed, setRevealed] = useState(false)
  const [pen, setPen] = useState<Pen>()
  const [drawn, setDrawn] = useState<Drawn>()
  const notes = useNotes(search.id, candidate.rank)
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event)) return
      if (event.key === 'm') onMark('later')
      else if (event.key === 'x') onMark('rejected')
      else if (event.key === 'r') setRevealed(true)
      else {
        const next = benchAfterKey(bench, event.key)
        if (next === undefined) return
        setBench(next)
      }
      event.preventDefault()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  })
  const media = candidate.media!
  const pictures: Record<Which, Picture> = {
    probe: {
      address: (side) => probePicture(subject.probe.id, side),
      widthPx: subject.probe.widthPx,
      heightPx: subject.probe.heightPx,
      face: subject.face.box,
      fivePoints: subject.face.fivePoints,
      alt: t('cand.probeAlt'),
    },
    candidate: {
      address: (side) =>
        candidatePicture(search.id, candidate.rank, { side, part: 'whole', reveal: revealed }),
      widthPx: media.widthPx,
      heightPx: media.heightPx,
      face: candidate.face!.box,
      fivePoints: candidate.face!.fivePoints,
      alt: t('cand.alt', { rank: candidate.rank }),
    },
  }
  const numbered = notes.all.map((note, at) => ({ ...note, number: at + 1 }))
  const keep = async (words: string): Promise<void> => {
    const { which, shape } = drawn!
    const probeFaceId = which === 'probe' ? subject.face.id : undefined
    if (await notes.add({ probeFaceId, shape, words })) setDrawn(undefined)
  }
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Group gap="xs">
          <Controls bench={bench} onBench={setBench} />
          {bench.mode === 'side' && may('search.mark') && <Pens pen={pen} onPen={setPen} />}
        </Group>
        {media.sensitive && !revealed && (
          <Button color="dark" variant="filled" onClick={() => setRevealed(true)}>
            {t('cand.reveal')}
          </Button>
        )}
      </Group>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 9 }}>
          <Stages
            bench={bench}
            pictures={pictures}
            notes={{
              probe: numbered.filter(({ probeFaceId }) => probeFaceId === subject.face.id),
              candidate: numbered.filter(({ picture }) => picture === 'candidate'),
            }}
            pen={pen}
            onView={(view) => setBench((now) => ({ ...now, view }))}
            onDrawn={(which, shape) => setDrawn({ which, shape })}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 3 }}>
          <Stack gap="xs">
            <NoteList notes={notes} />
            <FaceDoubts faces={candidate.face === null ? [] : [candidate.face]} />
            <SourceFacts
              media={media}
              faceNumber={candidate.face?.number}
              replay={(shown) => candidateReplay(search.id, candidate.rank, shown)}
            />
          </Stack>
        </Grid.Col>
      </Grid>
      <NoteWords
        opened={drawn !== undefined}
        error={notes.error}
        onClose={() => setDrawn(undefined)}
        onKeep={(words) => void keep(words)}
      />
    </Stack>
  )
}
