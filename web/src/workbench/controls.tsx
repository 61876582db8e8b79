import {
  ActionIcon,
  Button,
  Group,
  Popover,
  SegmentedControl,
  Slider,
  Stack,
  Switch,
  Text,
  Tooltip,
} from '@mantine/core'
import {
  IconAdjustments,
  IconArrowUpRight,
  IconFlipVertical,
  IconFocusCentered,
  IconGrid4x4,
  IconMessageCircle,
  IconPhoto,
  IconOvalVertical,
  IconRotate,
  IconRotateClockwise,
  IconScribble,
  IconVectorTriangle,
  IconZoomIn,
  IconZoomOut,
  type TablerIcon,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Pen } from './draw-layer.tsx'
import { benchAfterKey, type Bench, type Mode, type Side } from './view.ts'

const MODES: Mode[] = ['side', 'overlay', 'wipe', 'blink']
const BUTTONS = [
  { key: '+', name: 'zoomIn', icon: IconZoomIn },
  { key: '-', name: 'zoomOut', icon: IconZoomOut },
  { key: '[', name: 'turnLeft', icon: IconRotate },
  { key: ']', name: 'turnRight', icon: IconRotateClockwise },
  { key: '0', name: 'align', icon: IconFocusCentered },
  { key: 'l', name: 'landmarks', icon: IconVectorTriangle },
  { key: 'f', name: 'flip', icon: IconFlipVertical },
  { key: 'g', name: 'grid', icon: IconGrid4x4 },
  { key: 'w', name: 'whole', icon: IconPhoto },
  { key: 'v', name: 'notes', icon: IconMessageCircle },
] as const satisfies { key: string; name: string; icon: TablerIcon }[]

/** Modes and tools; each does what its key does. */
export function Controls({ bench, onBench }: { bench: Bench; onBench: (bench: Bench) => void }) {
  const { t } = useTranslation()
  const isOn = {
    flip: bench.candidate.flipped,
    grid: bench.grid,
    whole: bench.frame === 'whole',
    landmarks: bench.frame === 'landmarks',
    notes: bench.notes,
  }
  return (
    <Group gap="xs" role="toolbar" aria-label={t('compare.tools')}>
      <SegmentedControl
        aria-label={t('compare.mode')}
        value={bench.mode}
        onChange={(mode) => onBench({ ...bench, mode })}
        data={MODES.map((value) => ({ value, label: t(`compare.modeIs.${value}`) }))}
      />
      {(bench.mode === 'overlay' || bench.mode === 'wipe') && (
        <Group gap="xs" wrap="nowrap">
          <Text size="sm">{t(bench.mode === 'overlay' ? 'compare.opacity' : 'compare.edge')}</Text>
          <Slider
            w={120}
            min={0}
            max={1}
            step={0.01}
            value={bench.mix}
            label={null}
            thumbLabel={t(bench.mode === 'overlay' ? 'compare.opacity' : 'compare.edge')}
            onChange={(mix) => onBench({ ...bench, mix })}
          />
        </Group>
      )}
      <ActionIcon.Group>
        {BUTTONS.map(({ key, name, icon: Icon }) => {
          const on = name in isOn ? isOn[name as keyof typeof isOn] : undefined
          return (
            <Tooltip key={key} label={`${t(`compare.tool.${name}`)} (${key})`}>
              <ActionIcon
                size="lg"
                variant={on === true ? 'filled' : 'default'}
                aria-pressed={on}
                aria-label={t(`compare.tool.${name}`)}
                onClick={() => onBench(benchAfterKey(bench, key) ?? bench)}
              >
                <Icon size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )
        })}
      </ActionIcon.Group>
      <Light bench={bench} onBench={onBench} />
    </Group>
  )
}

const PENS = [
  { pen: 'arrow', icon: IconArrowUpRight },
  { pen: 'ellipse', icon: IconOvalVertical },
  { pen: 'line', icon: IconScribble },
] as const satisfies { pen: Pen; icon: TablerIcon }[]

/** Chooses what a stroke on a picture draws; pressing the chosen one again puts the pen away. */
export function Pens({ pen, onPen }: { pen: Pen | undefined; onPen: (pen: Pen | undefined) => void }) {
  const { t } = useTranslation()
  return (
    <ActionIcon.Group aria-label={t('note.draw')}>
      {PENS.map(({ pen: one, icon: Icon }) => (
        <Tooltip key={one} label={t(`note.pen.${one}`)}>
          <ActionIcon
            size="lg"
            variant={pen === one ? 'filled' : 'default'}
            aria-pressed={pen === one}
            aria-label={t(`note.pen.${one}`)}
            onClick={() => onPen(pen === one ? undefined : one)}
          >
            <Icon size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ))}
    </ActionIcon.Group>
  )
}

/** Light, contrast and orientation of each picture alone; for the eye only, nothing is recorded or searched with. */
function Light({ bench, onBench }: { bench: Bench; onBench: (bench: Bench) => void }) {
  const { t } = useTranslation()
  return (
    <Popover width={300} withArrow trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconAdjustments size={18} aria-hidden />}>
          {t('compare.light')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack>
          <SideLight
            title={t('compare.probe')}
            side={bench.probe}
            onSide={(probe) => onBench({ ...bench, probe })}
          />
          <SideLight
            title={t('compare.candidate')}
            side={bench.candidate}
            onSide={(candidate) => onBench({ ...bench, candidate })}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

const SLIDERS = {
  brightness: { min: 0.2, max: 4, step: 0.05 },
  contrast: { min: 0.2, max: 4, step: 0.05 },
  turn: { min: -180, max: 180, step: 1 },
} as const

function SideLight({ title, side, onSide }: { title: string; side: Side; onSide: (side: Side) => void }) {
  const { t } = useTranslation()
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <Text component="legend" fw={500} size="sm">
        {title}
      </Text>
      {(Object.keys(SLIDERS) as (keyof typeof SLIDERS)[]).map((name) => (
        <div key={name}>
          <Text size="xs">{t(`compare.${name}`)}</Text>
          <Slider
            {...SLIDERS[name]}
            value={side[name]}
            onChange={(value) => onSide({ ...side, [name]: value })}
            thumbLabel={`${title}: ${t(`compare.${name}`)}`}
          />
        </div>
      ))}
      <Switch
        mt="xs"
        label={t('compare.tool.flip')}
        checked={side.flipped}
        onChange={(event) => onSide({ ...side, flipped: event.currentTarget.checked })}
      />
    </fieldset>
  )
}
