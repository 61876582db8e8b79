import { ActionIcon, Group, Paper, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { probePicture } from '../../../../src/contract/client/picture-addresses.ts'
import type { Reply } from '../../api.ts'
import { FaceCrop } from '../../ui/face-crop.tsx'

type Probe = Reply<'showProbe'>

const THUMBNAIL_PX = 320

/** The faces chosen for this search, and the case's photos to choose more from: several photos of one subject find more. */
export function SubjectFaces({
  probes,
  shownId,
  chosen,
  onShow,
  onRemove,
}: {
  probes: readonly Probe[]
  shownId: string | undefined
  chosen: readonly string[]
  onShow: (probeId: string) => void
  onRemove: (faceId: string) => void
}) {
  const { t } = useTranslation()
  const faces = probes.flatMap((probe) =>
    probe.faces.filter(({ id }) => chosen.includes(id)).map((face) => ({ probe, face })),
  )
  return (
    <Stack gap="xs">
      {shownId !== undefined && (
        <Paper withBorder p="sm" component="section" aria-label={t('search.subject')}>
          <Title order={2}>{t('search.subject')}</Title>
          {faces.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('search.pickFace')}
            </Text>
          ) : (
            <Group gap="xs" mt="xs">
              {faces.map(({ probe, face }) => (
                <div key={face.id} style={{ position: 'relative' }}>
                  <FaceCrop probe={probe} box={face.box} sizePx={72} />
                  <ActionIcon
                    size="sm"
                    variant="filled"
                    color="dark"
                    pos="absolute"
                    top={2}
                    right={2}
                    aria-label={t('search.removeFace', { number: face.number })}
                    onClick={() => onRemove(face.id)}
                  >
                    <IconX size={14} aria-hidden />
                  </ActionIcon>
                </div>
              ))}
            </Group>
          )}
          {faces.length > 1 && (
            <Text size="xs" c="dimmed" mt="xs">
              {t('search.fused')}
            </Text>
          )}
        </Paper>
      )}
      {(probes.length > 1 || shownId === undefined) && (
        <Group gap="xs" component="nav" aria-label={t('search.photosOfCase')}>
          {probes.map((probe) => (
            <UnstyledButton
              key={probe.id}
              onClick={() => onShow(probe.id)}
              aria-current={probe.id === shownId ? 'true' : undefined}
              aria-label={t('search.showPhoto', { label: probe.label ?? t('search.unnamed') })}
              style={{
                border: `2px solid ${probe.id === shownId ? 'var(--mantine-color-anchor)' : 'transparent'}`,
                borderRadius: 6,
              }}
            >
              <img
                src={probePicture(probe.id, THUMBNAIL_PX)}
                alt=""
                loading="lazy"
                style={{ width: 72, height: 54, objectFit: 'cover', display: 'block', borderRadius: 4 }}
              />
            </UnstyledButton>
          ))}
        </Group>
      )}
    </Stack>
  )
}
