import { List, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { DerivationStep } from '../../../../src/contract/derivation.ts'
import { useFormats } from '../../ui/use-formats.ts'

/** The recorded steps from the original to this picture. */
export function StepList({ steps }: { steps: readonly DerivationStep[] }) {
  const { t } = useTranslation()
  const { rough } = useFormats()
  if (steps.length === 0) return null
  const describe = (step: DerivationStep): string => {
    switch (step.kind) {
      case 'rotate':
        return t('step.rotate', { degrees: rough(step.degrees) })
      case 'crop':
        return t('step.crop', { width: step.width, height: step.height })
      case 'exposure':
        return t('step.exposure', { stops: rough(step.stops) })
      case 'contrast':
        return t('step.contrast', { factor: rough(step.factor) })
      case 'sharpen':
        return t('step.sharpen', { sigma: rough(step.sigma) })
    }
    return ''
  }
  return (
    <div>
      <Text size="sm" fw={500}>
        {t('search.stepsDone')}
      </Text>
      <List type="ordered" size="sm">
        {steps.map((step, at) => (
          // The order of the steps is what they are.
          // oxlint-disable-next-line react/no-array-index-key
          <List.Item key={at}>{describe(step)}</List.Item>
        ))}
      </List>
    </div>
  )
}
