import {
  Alert,
  Button,
  Checkbox,
  Code,
  Group,
  Modal,
  NumberInput,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Permission } from '../../../../src/contract/roles.ts'
import { apiQuery, useApi } from '../../api.ts'
import { useMe } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'

const LONGEST_DAYS = 365

/** Keys for programs that act for the account. */
export function ApiKeys() {
  const { t } = useTranslation()
  const format = useFormats()
  const [making, { open, close }] = useDisclosure()
  const keys = useQuery(apiQuery('listApiKeys', {}))
  const remove = useApi('deleteApiKey', ['listApiKeys'])
  return (
    <section>
      <Title order={2} mb="xs">
        {t('account.keys')}
      </Title>
      <Loaded query={keys}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm" c="dimmed" mb="xs">
              {t('account.noKeys')}
            </Text>
          ) : (
            <Table.ScrollContainer minWidth={640}>
              <Table verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('account.keyName')}</Table.Th>
                    <Table.Th>{t('account.scopes')}</Table.Th>
                    <Table.Th>{t('account.lastUsed')}</Table.Th>
                    <Table.Th>{t('account.ends')}</Table.Th>
                    <Table.Th>{t('account.end')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((row) => (
                    <Table.Tr key={row.id}>
                      <Table.Td>
                        {row.name} <Code>{row.start}…</Code>
                      </Table.Td>
                      <Table.Td>
                        {row.scopes.map((scope) => t(`permission.${scopeKey(scope)}`)).join(', ')}
                      </Table.Td>
                      <Table.Td>
                        {row.lastUsedAt === null ? t('admin.never') : format.time(row.lastUsedAt)}
                      </Table.Td>
                      <Table.Td>{row.expiresAt !== null && format.day(row.expiresAt)}</Table.Td>
                      <Table.Td>
                        <Button
                          size="compact-sm"
                          variant="default"
                          onClick={() => remove.mutate({ params: { id: row.id } })}
                        >
                          {t('account.end')}
                        </Button>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
      <Button variant="default" onClick={open}>
        {t('account.makeKey')}
      </Button>
      <Modal
        opened={making}
        onClose={close}
        title={t('account.makeKey')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <MakeKey onClose={close} />
      </Modal>
    </section>
  )
}

function MakeKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const { permissions } = useMe()
  const make = useApi('createApiKey', ['listApiKeys'])
  const form = useForm({ initialValues: { name: '', scopes: [] as Permission[], days: 90 } })
  if (make.data !== undefined) {
    return (
      <Stack>
        <Alert title={t('account.keyMade')}>{t('account.keyOnce')}</Alert>
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {make.data.key}
        </Code>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('common.done')}</Button>
        </Group>
      </Stack>
    )
  }
  return (
    <form onSubmit={form.onSubmit((body) => make.mutate({ body }))}>
      <Stack>
        <Group grow align="flex-start">
          <TextInput
            label={t('account.keyName')}
            required
            maxLength={32}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <NumberInput
            label={t('account.days')}
            min={1}
            max={LONGEST_DAYS}
            required
            {...form.getInputProps('days')}
          />
        </Group>
        <Checkbox.Group label={t('account.scopes')} {...form.getInputProps('scopes')}>
          <Stack gap={6} mt="xs">
            {permissions.map((permission) => (
              <Checkbox key={permission} value={permission} label={t(`permission.${scopeKey(permission)}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <ProblemAlert error={make.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={make.isPending} disabled={form.values.scopes.length === 0}>
            {t('account.makeKey')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Texts keep permissions under names without a full stop, which separates levels there. */
function scopeKey<Scope extends Permission>(scope: Scope): ScopeKey<Scope> {
  return scope.replace('.', '_') as ScopeKey<Scope>
}
type ScopeKey<Scope extends string> = Scope extends `${infer Area}.${infer Act}` ? `${Area}_${Act}` : never
