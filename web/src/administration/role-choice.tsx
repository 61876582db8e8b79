import { Checkbox, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ROLES, type Role } from '../../../src/contract/roles.ts'

/** Which roles of an agency an account has, each with what it may do. */
export function RoleChoice({ value, onChange }: { value: Role[]; onChange: (roles: Role[]) => void }) {
  const { t } = useTranslation()
  return (
    <Checkbox.Group
      label={t('admin.roles')}
      value={value}
      onChange={(roles) => onChange(roles as Role[])}
      withAsterisk
    >
      <Stack gap={6} mt="xs">
        {ROLES.filter((role) => role !== 'operator').map((role) => (
          <Checkbox key={role} value={role} label={t(`role.${role}`)} description={t(`roleMay.${role}`)} />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}
