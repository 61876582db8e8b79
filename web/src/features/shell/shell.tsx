import { ActionIcon, AppShell, Burger, Button, Group, Kbd, Menu, NavLink, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { spotlight } from '@mantine/spotlight'
import { IconKeyboard, IconLogout, IconSearch, IconUserCircle } from '@tabler/icons-react'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api } from '../../api.ts'
import { endSession, useMay, useMe } from '../../session.ts'
import { CommandPalette } from './command-palette.tsx'
import { ConnectionNotice } from './connection-notice.tsx'
import { PLACES, rightsFor } from './navigation.ts'
import { NoRight } from './no-right.tsx'
import { LanguageSwitch, ThemeSwitch } from '../../ui/preferences.tsx'
import { showShortcuts, ShortcutSheet } from './shortcut-sheet.tsx'
import { useGoKeys } from './use-go-keys.ts'

/** What stands around every page. */
export function Shell() {
  const { t } = useTranslation()
  const [open, { toggle, close }] = useDisclosure()
  useGoKeys()
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !open } }}
      padding="md"
    >
      <a className="skip-link" href="#page">
        {t('nav.skip')}
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('nav.menu')} />
            <img src="/icon.svg" alt="" width={24} height={24} />
            <Text fw={600} visibleFrom="xs">
              Likeness
            </Text>
          </Group>
          <Group gap={4} wrap="nowrap">
            <Button
              variant="default"
              size="xs"
              leftSection={<IconSearch size={16} aria-hidden />}
              rightSection={<Kbd size="xs">Ctrl K</Kbd>}
              onClick={spotlight.open}
              visibleFrom="sm"
            >
              {t('nav.palette')}
            </Button>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('nav.shortcuts')}
              onClick={showShortcuts}
              visibleFrom="sm"
            >
              <IconKeyboard size={20} aria-hidden />
            </ActionIcon>
            <LanguageSwitch />
            <ThemeSwitch />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('nav.main')}>
        <Places onGo={close} />
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1} style={{ outline: 'none' }}>
        <ConnectionNotice />
        <Page />
      </AppShell.Main>
      <CommandPalette />
      <ShortcutSheet />
    </AppShell>
  )
}

/** The page, or who may see it. */
function Page() {
  const may = useMay()
  const pathname = useRouterState({ select: ({ location }) => location.pathname })
  const needed = rightsFor(pathname)
  if (needed.length > 0 && !needed.some(may)) return <NoRight needed={needed} />
  return <Outlet />
}

function Places({ onGo }: { onGo: () => void }) {
  const { t } = useTranslation()
  const may = useMay()
  const { agency } = useMe()
  const pathname = useRouterState({ select: ({ location }) => location.pathname })
  return (
    <>
      {PLACES.filter((place) => place.for.length === 0 || place.for.some(may)).map(
        ({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={t(`nav.${label}`)}
            leftSection={<Icon size={18} aria-hidden />}
            active={to === '/' ? pathname === '/' : pathname.startsWith(to)}
            onClick={onGo}
          />
        ),
      )}
      {agency !== null && (
        <Text size="xs" c="dimmed" mt="auto" p="xs">
          {agency}
        </Text>
      )}
    </>
  )
}

function AccountMenu() {
  const { t } = useTranslation()
  const me = useMe()
  return (
    <Menu width={240} position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('nav.account', { name: me.name })}>
          <IconUserCircle size={22} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name}
          <br />
          {me.roles.map((role) => t(`role.${role}`)).join(', ')}
        </Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} aria-hidden />}>
          {t('nav.myAccount')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          {t('nav.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

async function signOut(): Promise<void> {
  await api.call('signOut', {}).catch(() => undefined)
  endSession('signed_out')
}
