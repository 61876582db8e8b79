import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi } from '../../api.ts'
import { canUsePasskeys, makePasskey } from '../../passkeys.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'

/** Passkeys of the account. */
export function Passkeys() {
  const { t } = useTranslation()
  const format = useFormats()
  const queryClient = useQueryClient()
  const passkeys = useQuery(apiQuery('listPasskeys', {}))
  const add = useMutation({
    mutationFn: () => makePasskey(t('auth.thisDevice')),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['listPasskeys'] }),
  })
  const remove = useApi('removePasskey', ['listPasskeys'])
  return (
    <section>
      <Title order={2} mb="xs">
        {t('account.passkeys')}
      </Title>
      <Stack gap="xs" align="flex-start">
        <Loaded query={passkeys}>
          {(rows) =>
            rows.length === 0 ? (
              <Text size="sm" c="dimmed">
                {t('account.noPasskeys')}
              </Text>
            ) : (
              <Stack gap="xs">
                {rows.map(({ id, name, createdAt }) => (
                  <Group key={id}>
                    <Text size="sm">
                      {name} {createdAt !== null && `· ${format.day(createdAt)}`}
                    </Text>
                    <Button
                      size="compact-sm"
                      variant="default"
                      onClick={() => remove.mutate({ params: { id } })}
                    >
                      {t('account.remove')}
                    </Button>
                  </Group>
                ))}
              </Stack>
            )
          }
        </Loaded>
        <ProblemAlert error={remove.error} />
        {!(add.error instanceof DOMException) && <ProblemAlert error={add.error} />}
        {canUsePasskeys && (
          <Button variant="default" loading={add.isPending} onClick={() => add.mutate()}>
            {t('account.addPasskey')}
          </Button>
        )}
      </Stack>
    </section>
  )
}
