import { Tabs } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Accounts } from './accounts.tsx'
import { Agencies } from './agencies.tsx'
import { Devices } from './devices.tsx'
import { Invitations } from './invitations.tsx'
import { RoleRequests } from './role-requests.tsx'
import { Suspensions } from './suspensions.tsx'
import { Webhooks } from './webhooks.tsx'
import { useMay } from '../../session.ts'
import { PageHead } from '../../ui/page-head.tsx'

/** Agencies, accounts, invitations, what waits for a second person, and who is cut off. */
export function AdministrationPage() {
  const { t } = useTranslation()
  const may = useMay()
  const runsInstance = may('agency.list')
  return (
    <>
      <PageHead title={t('nav.administration')} />
      <Tabs defaultValue={runsInstance ? 'agencies' : 'accounts'} keepMounted={false}>
        <Tabs.List mb="md">
          {runsInstance && <Tabs.Tab value="agencies">{t('admin.agencies')}</Tabs.Tab>}
          <Tabs.Tab value="accounts">{t('admin.accounts')}</Tabs.Tab>
          <Tabs.Tab value="invitations">{t('admin.invitations')}</Tabs.Tab>
          <Tabs.Tab value="devices">{t('admin.devices')}</Tabs.Tab>
          {may('account.suspend') && <Tabs.Tab value="suspensions">{t('admin.suspensions')}</Tabs.Tab>}
          {may('webhook.manage') && <Tabs.Tab value="webhooks">{t('hook.title')}</Tabs.Tab>}
        </Tabs.List>
        {runsInstance && (
          <Tabs.Panel value="agencies">
            <Agencies />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="accounts">
          <RoleRequests />
          {may('account.read') && <Accounts />}
        </Tabs.Panel>
        <Tabs.Panel value="invitations">
          <Invitations />
        </Tabs.Panel>
        <Tabs.Panel value="devices">
          <Devices />
        </Tabs.Panel>
        {may('account.suspend') && (
          <Tabs.Panel value="suspensions">
            <Suspensions />
          </Tabs.Panel>
        )}
        {may('webhook.manage') && (
          <Tabs.Panel value="webhooks">
            <Webhooks />
          </Tabs.Panel>
        )}
      </Tabs>
    </>
  )
}
