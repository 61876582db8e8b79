import { Button, Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** A call of the service about one thing that waits. */
interface Act {
  error: Error | null
  isPending: boolean
  mutate(input: { params: { id: string }; body: object }): void
}

/** The two answers of a second person to what waits for them. @param what it is, in words, for those who hear the page */
export function SecondPersonsWord({
  id,
  what,
  yes,
  accept,
  refuse,
}: {
  id: string
  what: string
  yes: string
  accept: Act
  refuse: Act
}) {
  const { t } = useTranslation()
  const no = t('admin.refuse')
  return (
    <>
      <ProblemAlert error={accept.error ?? refuse.error} />
      <Group gap="xs" wrap="nowrap">
        <Button
          size="compact-sm"
          loading={accept.isPending}
          aria-label={`${yes}: ${what}`}
          onClick={() => accept.mutate({ params: { id }, body: {} })}
        >
          {yes}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          loading={refuse.isPending}
          aria-label={`${no}: ${what}`}
          onClick={() => refuse.mutate({ params: { id }, body: {} })}
        >
          {no}
        </Button>
      </Group>
    </>
  )
}
