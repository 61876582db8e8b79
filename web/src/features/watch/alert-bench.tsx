import { Button, Group, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { alertPicture } from '../../../../src/contract/client/picture-addresses.ts'
import type { Reply } from '../../api.ts'
import { isTyping } from '../../ui/is-typing.ts'
import { Controls } from '../../workbench/controls.tsx'
import type { Picture } from '../../workbench/pane.tsx'
import { Stages, type Which } from '../../workbench/stages.tsx'
import { benchAfterKey, NEW_BENCH } from '../../workbench/view.ts'

type Shown = Reply<'showAlert'>
type Hit = Shown['hits'][number]

const NO_NOTES = { probe: [], candidate: [] }

/** The person looked for and the face found under the same lens. */
export function AlertBench({ alert, hit }: { alert: Shown; hit: Hit }) {
  const { t } = useTranslation()
  const [bench, setBench] = useState(NEW_BENCH)
  const [revealed, setRevealed] = useState(false)
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event)) return
      if (event.key === 'r') setRevealed(true)
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
  const { person, found } = hit.pair ?? { person: null, found: null }
  if (person === null || found === null) return <Text c="dimmed">{t('alert.gone')}</Text>
  const labels: Record<Which, string> = { probe: t('alert.person'), candidate: t('alert.found') }
  const pictureOf = (which: 'person' | 'found', side: NonNullable<typeof person>, alt: string): Picture => ({
    address: (px) => alertPicture(alert.id, hit.id, { which, part: 'whole', side: px, reveal: revealed }),
    widthPx: side.widthPx,
    heightPx: side.heightPx,
    face: side.box,
    fivePoints: side.fivePoints,
    alt,
  })
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Controls bench={bench} onBench={setBench} />
        {(person.sensitive || found.sensitive) && !revealed && (
          <Button color="dark" variant="filled" onClick={() => setRevealed(true)}>
            {t('cand.reveal')}
          </Button>
        )}
      </Group>
      <Stages
        bench={bench}
        pictures={{
          probe: pictureOf('person', person, labels.probe),
          candidate: pictureOf('found', found, labels.candidate),
        }}
        notes={NO_NOTES}
        labels={labels}
        pen={undefined}
        onView={(view) => setBench((now) => ({ ...now, view }))}
        onDrawn={() => undefined}
      />
    </Stack>
  )
}
