import { Checkbox, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi } from '../../api.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** Which notices the account gets by e-mail. */
export function NoticeChoice() {
  const { t } = useTranslation()
  const choice = useQuery(apiQuery('showNoticeChoice', {}))
  const choose = useApi('chooseNotices', ['showNoticeChoice'])
  return (
    <section>
      <Title order={2} mb={4}>
        {t('notice.choose')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs" maw={640}>
        {t('notice.chooseHelp')}
      </Text>
      <Loaded query={choice}>
        {(shown) => (
          <Stack gap="xs">
            {(['alerts', 'summaries'] as const).map((one) => (
              <Checkbox
                key={one}
                label={t(`notice.${one}`)}
                checked={shown[one]}
                onChange={(event) =>
                  choose.mutate({ body: { ...shown, [one]: event.currentTarget.checked } })
                }
              />
            ))}
            <ProblemAlert error={choose.error} />
          </Stack>
        )}
      </Loaded>
    </section>
  )
}
