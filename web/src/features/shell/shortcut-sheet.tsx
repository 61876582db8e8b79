import { Group, Kbd, Modal, Stack, Table, Title } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PLACES } from './navigation.ts'

const SHOW = 'likeness:show-shortcuts'

/** Keys of one part of the app; several keys are pressed one after another. */
const GROUPS = {
  everywhere: { palette: ['Ctrl K'], sheet: ['?'] },
  faces: { move: ['←', '→'], choose: ['Space'], search: ['s'] },
  candidates: { move: ['←', '→', '↑', '↓'], compare: ['Enter'], later: ['m'], reject: ['x'], reveal: ['r'] },
  comparison: {
    side: ['1'],
    overlay: ['2'],
    wipe: ['3'],
    blink: ['4'],
    zoom: ['+', '−'],
    pan: ['←', '→', '↑', '↓'],
    turn: ['[', ']'],
    flip: ['f'],
    grid: ['g'],
    whole: ['w'],
    align: ['0'],
    landmarks: ['l'],
    notes: ['v'],
    neighbours: ['p', 'n'],
    back: ['Esc'],
  },
} as const

export function showShortcuts(): void {
  document.dispatchEvent(new Event(SHOW))
}

/** Every shortcut on one sheet. */
export function ShortcutSheet() {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const show = (): void => setOpen(true)
    document.addEventListener(SHOW, show)
    return () => document.removeEventListener(SHOW, show)
  }, [])
  return (
    <Modal
      opened={open}
      onClose={() => setOpen(false)}
      title={t('nav.shortcuts')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack>
        <Keys
          title={t('keys.go.title')}
          rows={PLACES.map(({ key, label }) => [t(`nav.${label}`), ['g', key]])}
        />
        {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => (
          <Keys
            key={group}
            title={t(`keys.${group}.title`)}
            rows={Object.entries(GROUPS[group]).map(([name, keys]) => [
              t(`keys.${group}.${name}` as never),
              keys,
            ])}
          />
        ))}
      </Stack>
    </Modal>
  )
}

function Keys({ title, rows }: { title: string; rows: readonly (readonly [string, readonly string[]])[] }) {
  return (
    <div>
      <Title order={2} mb={4}>
        {title}
      </Title>
      <Table verticalSpacing={4} layout="fixed">
        <Table.Tbody>
          {rows.map(([what, keys]) => (
            <Table.Tr key={what}>
              <Table.Th fw={400}>{what}</Table.Th>
              <Table.Td>
                <Group gap={4}>
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
