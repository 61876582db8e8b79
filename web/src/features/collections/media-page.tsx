import { Badge, Button, Grid, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { mediaReplay, mediaVideo } from '../../../../src/contract/client/picture-addresses.ts'
import { apiQuery } from '../../api.ts'
import { EraseDialog } from './erase-dialog.tsx'
import { MediaPicture, type Media } from './media-picture.tsx'
import styles from './media.module.css'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { clock } from '../../ui/clock.ts'
import { FaceDoubts } from '../../ui/face-doubts.tsx'
import { SourceFacts } from '../../ui/source-facts.tsx'
import { VideoPlayer } from '../../ui/video-player.tsx'

const route = getRouteApi('/app/collections/$collectionId/media/$mediaId')
const PICTURE_PX = 2048
const FACE_PX = 240

/** One photo of an own collection: the whole of it with its faces, and every fact of where it comes from. */
export function MediaPage() {
  const { collectionId, mediaId } = route.useParams()
  const media = useQuery(apiQuery('showMedia', { params: { id: collectionId, mediaId } }))
  return <Loaded query={media}>{(shown) => <MediaView collectionId={collectionId} media={shown} />}</Loaded>
}

function MediaView({ collectionId, media }: { collectionId: string; media: Media }) {
  const { t } = useTranslation()
  const may = useMay()
  const navigate = route.useNavigate()
  const [erasing, setErasing] = useState(false)
  const collection = media.collections.find(({ id }) => id === collectionId)
  return (
    <>
      <PageHead
        title={media.sources[0]?.name ?? t('browse.photoAlt')}
        crumbs={[
          { label: t('nav.collections'), to: '/collections' },
          {
            label: collection?.title ?? '…',
            to: '/collections/$collectionId',
            params: { collectionId },
          },
        ]}
        note={media.sensitive && <Badge variant="default">{t('coll.sensitivityIs.sensitive')}</Badge>}
      >
        {may('collection.erase') && (
          <Button color="red" variant="light" onClick={() => setErasing(true)}>
            {t('erase.act')}
          </Button>
        )}
      </PageHead>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack>
            <div style={{ position: 'relative', width: 'fit-content' }}>
              <MediaPicture collectionId={collectionId} media={media} side={PICTURE_PX} />
              <svg
                className={styles.boxes}
                viewBox={`0 0 ${media.widthPx} ${media.heightPx}`}
                preserveAspectRatio="none"
                aria-hidden
              >
                {(media.video === null ? media.faces : []).map(({ id, box }) => (
                  <rect
                    key={id}
                    {...box}
                    fill="none"
                    stroke="#4fd8ea"
                    strokeWidth={2}
                    vectorEffect="non-scaling-stroke"
                  />
                ))}
              </svg>
            </div>
            {media.video !== null && (
              <VideoPlayer
                address={(reveal) => mediaVideo(collectionId, media.id, reveal)}
                startS={0}
                sensitive={media.sensitive}
                label={t('video.facts')}
              />
            )}
            <section>
              <Title order={2} mb="xs">
                {t(media.video === null ? 'browse.facesOnIt' : 'video.tracks')}
              </Title>
              {media.faces.length === 0 && <Text size="sm">{t('browse.noFace')}</Text>}
              <SimpleGrid cols={{ base: 3, sm: 5, lg: 7 }} spacing="sm">
                {media.faces.map((face) => (
                  <div key={face.id}>
                    <MediaPicture
                      collectionId={collectionId}
                      media={media}
                      face={face.number}
                      side={FACE_PX}
                      square
                    />
                    <Group gap={4} mt={4}>
                      <Text size="xs">
                        {face.moment === null
                          ? t('browse.faceAlt', { number: face.number })
                          : t('video.at', {
                              time: clock(face.moment.timeS),
                              of: clock(face.moment.videoDurationS),
                              track: face.moment.track,
                            })}
                      </Text>
                      {face.origin === 'examiner' && (
                        <Badge size="xs" variant="default">
                          {t('browse.byHand')}
                        </Badge>
                      )}
                    </Group>
                  </div>
                ))}
              </SimpleGrid>
            </section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <FaceDoubts faces={media.faces} />
          <SourceFacts media={media} replay={(shown) => mediaReplay(collectionId, media.id, shown)} />
        </Grid.Col>
      </Grid>
      <EraseDialog
        collectionId={collectionId}
        media={[media.id]}
        opened={erasing}
        onClose={() => setErasing(false)}
        onErased={() => void navigate({ to: '/collections/$collectionId', params: { collectionId } })}
      />
    </>
  )
}
