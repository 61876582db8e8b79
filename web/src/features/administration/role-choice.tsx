import { Checkbox, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { needsConfirmation, ROLES, type Role } from '../../../../src/contract/roles.ts'

const OF_AGENCIES = ROLES.filter((role) => role !== 'operator')

/** Which roles of an agency an account has, each with what it may do. @param of those that can be chosen */
export function RoleChoice({
  value,
  onChange,
  of = OF_AGENCIES,
}: {
  value: Role[]
  onChange: (roles: Role[]) => void
  of?: readonly Role[]
}) {
  const { t } = useTranslation()
  return (
    <Checkbox.Group label={t('admin.roles')} value={value} onChange={(roles) => onChange(roles)} withAsterisk>
      <Stack gap={6} mt="xs">
        {of.map((role) => (
          <Checkbox
            key={role}
            value={role}
            label={t(`role.${role}`)}
            description={`${t(`roleMay.${role}`)}${needsConfirmation(role) ? ` ${t('admin.needsSecond')}` : ''}`}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}
