import { Button, Group, NumberInput, Paper, SimpleGrid, Slider, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { DerivationStep } from '../../../src/contract/derivation.ts'
import type { Reply } from '../api.ts'

export interface Crop {
  x: number
  y: number
  width: number
  height: number
}

/** What is being tried on the picture; nothing is recorded until it is applied. */
export interface Adjustment {
  crop: Crop | undefined
  /** Degrees clockwise. */
  rotate: number
  /** Stops of light. */
  exposure: number
  /** Factor about the middle grey. */
  contrast: number
  /** Radius in pixels; 0: not sharpened. */
  sharpen: number
}

export const NO_ADJUSTMENT: Adjustment = { crop: undefined, rotate: 0, exposure: 0, contrast: 1, sharpen: 0 }

/** The adjustment as steps, in the order in which the picture shows them. */
export function stepsOf({ crop, rotate, exposure, contrast, sharpen }: Adjustment): DerivationStep[] {
  return [
    ...(crop === undefined ? [] : [{ kind: 'crop' as const, ...crop }]),
    ...(rotate === 0 ? [] : [{ kind: 'rotate' as const, degrees: rotate }]),
    ...(exposure === 0 ? [] : [{ kind: 'exposure' as const, stops: exposure }]),
    ...(contrast === 1 ? [] : [{ kind: 'contrast' as const, factor: contrast }]),
    ...(sharpen === 0 ? [] : [{ kind: 'sharpen' as const, sigma: sharpen }]),
  ]
}

/** What each slider may do; the contract allows more, which no photo needs. */
const SLIDERS = {
  rotate: { min: -180, max: 180, step: 1 },
  exposure: { min: -4, max: 4, step: 0.1 },
  contrast: { min: 0.2, max: 3, step: 0.05 },
  sharpen: { min: 0, max: 5, step: 0.5 },
} as const

/** Rotation, light, contrast, sharpness and crop. */
export function AdjustPanel({
  probe,
  adjustment,
  onChange,
  busy,
  onApply,
}: {
  probe: Reply<'showProbe'>
  adjustment: Adjustment
  onChange: (adjustment: Adjustment) => void
  busy: boolean
  onApply: () => void
}) {
  const { t } = useTranslation()
  const { crop } = adjustment
  const whole = { x: 0, y: 0, width: probe.widthPx, height: probe.heightPx }
  const setCrop = (part: Partial<Crop>): void => {
    const next = { ...(crop ?? whole), ...part }
    next.width = Math.min(next.width, probe.widthPx - next.x)
    next.height = Math.min(next.height, probe.heightPx - next.y)
    onChange({ ...adjustment, crop: next })
  }
  return (
    <Paper withBorder p="sm">
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          {(Object.keys(SLIDERS) as (keyof typeof SLIDERS)[]).map((name) => (
            <div key={name}>
              <Text size="sm">{t(`adjust.${name}`)}</Text>
              <Slider
                {...SLIDERS[name]}
                value={adjustment[name]}
                onChange={(value) => onChange({ ...adjustment, [name]: value })}
                label={(value) => String(Math.round(value * 100) / 100)}
                thumbLabel={t(`adjust.${name}`)}
              />
            </div>
          ))}
        </SimpleGrid>
        <Text size="sm" c="dimmed">
          {t('adjust.cropHelp')}
        </Text>
        <Group gap="xs">
          {(['x', 'y', 'width', 'height'] as const).map((side) => (
            <NumberInput
              key={side}
              label={t(`adjust.${side}`)}
              w={104}
              min={side === 'x' || side === 'y' ? 0 : 16}
              max={side === 'x' || side === 'width' ? probe.widthPx : probe.heightPx}
              allowDecimal={false}
              value={(crop ?? whole)[side]}
              onChange={(value) => typeof value === 'number' && setCrop({ [side]: value })}
            />
          ))}
        </Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onChange(NO_ADJUSTMENT)}>
            {t('adjust.reset')}
          </Button>
          <Button loading={busy} disabled={stepsOf(adjustment).length === 0} onClick={onApply}>
            {t('adjust.apply')}
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          {t('adjust.recorded')}
        </Text>
      </Stack>
    </Paper>
  )
}
