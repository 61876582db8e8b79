import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useMantineColorScheme } from '@mantine/core'
import { IconFolder, IconLanguage, IconMoon, IconSearch, IconUserCircle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { apiQuery } from '../../api.ts'
import { changeLanguage, LANGUAGE_NAMES } from '../../i18n.ts'
import { useMay } from '../../session.ts'
import { PLACES } from './navigation.ts'

const MOST_CASES = 50

/** Goes to a place or a case, or does something, by typing what it is called. */
export function CommandPalette() {
  const { t, i18n } = useTranslation()
  const may = useMay()
  const navigate = useNavigate()
  const { toggleColorScheme } = useMantineColorScheme()
  const cases = useQuery({
    ...apiQuery('listCases', { query: { status: 'open', limit: MOST_CASES } }),
    enabled: may('case.read'),
  })
  const places: SpotlightActionData[] = PLACES.filter(
    (place) => place.for.length === 0 || place.for.some(may),
  ).map(({ to, label, icon: Icon }) => ({
    id: to,
    label: t(`nav.${label}`),
    leftSection: <Icon size={18} aria-hidden />,
    onClick: () => void navigate({ to }),
  }))
  const files: SpotlightActionData[] = (cases.data?.items ?? []).map(({ id, number, title }) => ({
    id,
    label: title,
    description: number,
    leftSection: <IconFolder size={18} aria-hidden />,
    onClick: () => void navigate({ to: '/cases/$caseId', params: { caseId: id } }),
  }))
  const acts: SpotlightActionData[] = [
    {
      id: 'account',
      label: t('nav.myAccount'),
      leftSection: <IconUserCircle size={18} aria-hidden />,
      onClick: () => void navigate({ to: '/account' }),
    },
    {
      id: 'theme',
      label: t('nav.toggleTheme'),
      leftSection: <IconMoon size={18} aria-hidden />,
      onClick: () => toggleColorScheme(),
    },
    {
      id: 'language',
      label: LANGUAGE_NAMES[i18n.language === 'uk' ? 'en' : 'uk'],
      leftSection: <IconLanguage size={18} aria-hidden />,
      onClick: () => void changeLanguage(i18n.language === 'uk' ? 'en' : 'uk'),
    },
  ]
  return (
    <Spotlight
      actions={[
        { group: t('nav.places'), actions: places },
        { group: t('nav.openCases'), actions: files },
        { group: t('nav.acts'), actions: acts },
      ]}
      nothingFound={t('nav.nothingFound')}
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: t('nav.palettePlaceholder'),
        'aria-label': t('nav.palettePlaceholder'),
        onKeyDown: takeFirst,
      }}
    />
  )
}

/** Spotlight selects the first action when something is typed; cases that come only afterwards would not answer to Enter. */
function takeFirst({ key, nativeEvent, currentTarget }: KeyboardEvent<HTMLInputElement>): void {
  if (key !== 'Enter' || nativeEvent.isComposing || currentTarget.value.trim() === '') return
  const dialog = currentTarget.closest('[role="dialog"]')
  if (dialog?.querySelector('[data-selected]') !== null) return
  dialog.querySelector<HTMLElement>('[data-action]')?.click()
}
