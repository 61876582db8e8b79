import { Alert, Button, Code, CopyButton, Group, Stack, Table, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery, useApi } from '../../api.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'

/** Addresses that alerts of the agency are sent to. */
export function Webhooks() {
  const { t } = useTranslation()
  const format = useFormats()
  const [url, setUrl] = useState('')
  const webhooks = useQuery(apiQuery('listWebhooks', {}))
  const add = useApi('addWebhook', ['listWebhooks'])
  const remove = useApi('removeWebhook', ['listWebhooks'])
  return (
    <Loaded query={webhooks}>
      {({ items, hosts }) => (
        <Stack>
          <Text size="sm" maw={720}>
            {t('hook.help')}{' '}
            {hosts.length === 0 ? t('hook.noHosts') : t('hook.hosts', { hosts: hosts.join(', ') })}
          </Text>
          {hosts.length > 0 && (
            <form
              onSubmit={(event) => {
                event.preventDefault()
                add.mutate({ body: { url } }, { onSuccess: () => setUrl('') })
              }}
            >
              <Group align="flex-end">
                <TextInput
                  label={t('hook.address')}
                  type="url"
                  required
                  w={420}
                  maw="100%"
                  value={url}
                  onChange={(event) => setUrl(event.currentTarget.value)}
                />
                <Button type="submit" loading={add.isPending}>
                  {t('hook.add')}
                </Button>
              </Group>
            </form>
          )}
          <ProblemAlert error={add.error ?? remove.error} />
          {add.data !== undefined && (
            <Alert color="petrol" role="status" title={add.data.url}>
              <Text size="sm">{t('hook.secret')}</Text>
              <Group gap="xs" mt={4}>
                <Code style={{ overflowWrap: 'anywhere' }}>{add.data.secret}</Code>
                <CopyButton value={add.data.secret}>
                  {({ copied, copy }) => (
                    <Button size="compact-sm" variant="default" onClick={copy}>
                      {t(copied ? 'common.copied' : 'common.copy')}
                    </Button>
                  )}
                </CopyButton>
              </Group>
            </Alert>
          )}
          {items.length === 0 ? (
            <Text c="dimmed">{t('hook.none')}</Text>
          ) : (
            <Table.ScrollContainer minWidth={640}>
              <Table verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('hook.address')}</Table.Th>
                    <Table.Th>{t('hook.waiting')}</Table.Th>
                    <Table.Th>{t('hook.lastSent')}</Table.Th>
                    <Table.Th>{t('hook.remove')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {items.map((webhook) => (
                    <Table.Tr key={webhook.id}>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>
                        {webhook.url}
                        {webhook.lastError !== null && (
                          <Text size="xs" c="red">
                            {t('hook.failed', { error: webhook.lastError })}
                          </Text>
                        )}
                      </Table.Td>
                      <Table.Td className="numbers">{format.count(webhook.waiting)}</Table.Td>
                      <Table.Td>
                        {webhook.lastSentAt === null ? t('hook.never') : format.time(webhook.lastSentAt)}
                      </Table.Td>
                      <Table.Td>
                        <Button
                          size="compact-sm"
                          variant="default"
                          aria-label={`${t('hook.remove')}: ${webhook.url}`}
                          onClick={() => remove.mutate({ params: { id: webhook.id } })}
                        >
                          {t('hook.remove')}
                        </Button>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Stack>
      )}
    </Loaded>
  )
}
