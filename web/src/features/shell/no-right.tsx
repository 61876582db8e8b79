import { List, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { PERMISSIONS, ROLES, type Permission } from '../../../../src/contract/roles.ts'
import { useMe } from '../../session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { usePageTitle } from '../../ui/use-page-title.ts'

/** Instead of a page that the roles of whoever asks do not allow: who may see it, and what they are themselves. */
export function NoRight({ needed }: { needed: readonly Permission[] }) {
  const { t } = useTranslation()
  const me = useMe()
  usePageTitle(t('right.title'))
  const allowed = ROLES.filter((role) =>
    needed.some((permission) => (PERMISSIONS[permission] as readonly string[]).includes(role)),
  )
  const own = me.roles.map((role) => t(`role.${role}`)).join(', ')
  return (
    <div role="alert">
      <EmptyState title={t('right.title')} help={t('right.help')}>
        <Text size="sm">{t('right.for')}</Text>
        <List size="sm">
          {allowed.map((role) => (
            <List.Item key={role}>{t(`role.${role}`)}</List.Item>
          ))}
        </List>
        <Text size="sm">{t('right.own', { roles: own })}</Text>
        <TextLink to="/">{t('right.home')}</TextLink>
      </EmptyState>
    </div>
  )
}
