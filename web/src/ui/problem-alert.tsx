import { Alert, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '../api.ts'
import { useProblemText } from './problem-text.ts'

/** What went wrong, as a sentence; nothing when nothing did. */
export function ProblemAlert({ error, children }: { error: unknown; children?: ReactNode }) {
  const { t } = useTranslation()
  const problemText = useProblemText()
  if (error === null || error === undefined) return null
  const { sentence, detail } = problemText(error)
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} role="alert" title={sentence}>
      {detail !== undefined && (
        <Text size="sm" lang="en">
          {detail}
        </Text>
      )}
      {error instanceof ApiProblem && error.status >= 500 && error.requestId !== '' && (
        <Text size="xs">{t('error.request', { id: error.requestId })}</Text>
      )}
      {children}
    </Alert>
  )
}
