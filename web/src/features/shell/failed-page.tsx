import { Button, Container } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** Instead of a page that could not be shown. */
export function FailedPage({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const router = useRouter()
  return (
    <Container size="xs" py="xl" component="main">
      <ProblemAlert error={error}>
        <Button mt="sm" variant="default" onClick={() => void router.invalidate()}>
          {t('common.tryAgain')}
        </Button>
      </ProblemAlert>
    </Container>
  )
}
