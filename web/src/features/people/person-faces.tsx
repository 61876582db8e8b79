import { Badge, Button, Checkbox, Group, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from '@tanstack/react-router'
import { personFacePicture } from '../../../../src/contract/client/picture-addresses.ts'
import { useApi, type Reply } from '../../api.ts'
import styles from '../collections/media.module.css'
import { useMay } from '../../session.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { RevealButton } from '../../ui/reveal-button.tsx'
import { SplitDialog } from './split-dialog.tsx'

const FACE_PX = 240

type Person = Reply<'showPerson'>

/** Faces that are said to be, or not to be, of a person; some of them can be split off as somebody else's. */
export function PersonFaces({ person }: { person: Person }) {
  const { t } = useTranslation()
  const may = useMay()
  const navigate = useNavigate()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [splitting, setSplitting] = useState(false)
  const link = useApi('linkFace', ['showPerson', 'listPeople'])
  const unlink = useApi('unlinkFace', ['showPerson', 'listPeople'])
  const canChange = may('person.change') && !person.retired
  const canSplit = may('person.merge') && !person.retired
  const choose = (faceId: string, isChosen: boolean): void => {
    const next = new Set(chosen)
    if (isChosen) next.add(faceId)
    else next.delete(faceId)
    setChosen(next)
  }
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('person.faces')}</Title>
        {chosen.size > 0 ? (
          <Button size="compact-md" variant="default" onClick={() => setSplitting(true)}>
            {t('person.split', { count: chosen.size })}
          </Button>
        ) : (
          canSplit &&
          person.faces.some((face) => face.link === 'same') && (
            <Text size="sm" c="dimmed">
              {t('person.chooseToSplit')}
            </Text>
          )
        )}
      </Group>
      <ProblemAlert error={link.error ?? unlink.error} />
      {person.faces.length === 0 && <Text size="sm">{t('person.noFaces')}</Text>}
      <ul className={styles.grid}>
        {person.faces.map((face, at) => {
          const params = { id: person.id, faceId: face.faceId }
          const number = at + 1
          return (
            <li key={face.faceId} className={styles.card} data-chosen={chosen.has(face.faceId)}>
              {canSplit && face.link === 'same' && (
                <Checkbox
                  className={styles.choose}
                  aria-label={t('person.chooseFace', { number })}
                  checked={chosen.has(face.faceId)}
                  onChange={(event) => choose(face.faceId, event.currentTarget.checked)}
                />
              )}
              <FacePicture personId={person.id} face={face} number={number} />
              <div style={{ padding: 8 }}>
                <Badge variant="default">{t(`person.linkIs.${face.link}`)}</Badge>
                <Text size="xs" c="dimmed">
                  {t(`person.originIs.${face.origin}`)}, {face.linkedBy}
                </Text>
                {canChange && (
                  <Group gap={4} mt={4}>
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={`${t(`person.say.${face.link === 'same' ? 'not_same' : 'same'}`)}, ${number}`}
                      onClick={() =>
                        link.mutate({
                          params,
                          body: { link: face.link === 'same' ? 'not_same' : 'same' },
                        })
                      }
                    >
                      {t(`person.say.${face.link === 'same' ? 'not_same' : 'same'}`)}
                    </Button>
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={`${t('person.unlink')}, ${number}`}
                      onClick={() => unlink.mutate({ params })}
                    >
                      {t('person.unlink')}
                    </Button>
                  </Group>
                )}
              </div>
            </li>
          )
        })}
      </ul>
      {splitting && (
        <SplitDialog
          personId={person.id}
          faces={[...chosen]}
          onClose={() => setSplitting(false)}
          onSplit={(id) => {
            setSplitting(false)
            setChosen(new Set())
            void navigate({ to: '/people/$personId', params: { personId: id } })
          }}
        />
      )}
    </section>
  )
}

function FacePicture({
  personId,
  face,
  number,
}: {
  personId: string
  face: Person['faces'][number]
  number: number
}) {
  const { t } = useTranslation()
  const [reveal, setReveal] = useState(false)
  if (!face.visible)
    return (
      <Text size="xs" c="dimmed" p="md">
        {t('cand.gone')}
      </Text>
    )
  return (
    <div className={styles.square}>
      <img
        src={personFacePicture(personId, face.faceId, { side: FACE_PX, reveal })}
        alt={t('browse.faceAlt', { number })}
        loading="lazy"
        decoding="async"
      />
      {face.sensitive && !reveal && <RevealButton onReveal={() => setReveal(true)} />}
    </div>
  )
}
