import {
  IconAddressBook,
  IconBell,
  IconBuildingCommunity,
  IconChartBar,
  IconClipboardCheck,
  IconEyeOff,
  IconFolders,
  IconHome,
  IconListSearch,
  IconMailQuestion,
  IconPhotoSearch,
  IconRulerMeasure,
  IconUserQuestion,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react'
import type { Permission } from '../../../../src/contract/roles.ts'

interface Place {
  to:
    | '/'
    | '/alerts'
    | '/cases'
    | '/identifications'
    | '/lineups'
    | '/people'
    | '/enquiries'
    | '/verification'
    | '/collections'
    | '/reviews'
    | '/statistics'
    | '/administration'
    | '/audit'
    | '/model'
  label:
    | 'home'
    | 'alerts'
    | 'cases'
    | 'leads'
    | 'lineups'
    | 'people'
    | 'enquiries'
    | 'verification'
    | 'collections'
    | 'reviews'
    | 'statistics'
    | 'administration'
    | 'audit'
    | 'model'
  icon: TablerIcon
  /** Who may do one of these is shown the way there; none: everybody. */
  for: readonly Permission[]
  /** Pressed after `g`. */
  key: string
}

/** Where one can go from everywhere. */
export const PLACES: readonly Place[] = [
  { to: '/', label: 'home', icon: IconHome, for: [], key: 'h' },
  { to: '/alerts', label: 'alerts', icon: IconBell, for: ['alert.read'], key: 'w' },
  { to: '/cases', label: 'cases', icon: IconFolders, for: ['case.read'], key: 'c' },
  { to: '/identifications', label: 'leads', icon: IconUserQuestion, for: ['identification.read'], key: 'i' },
  {
    to: '/lineups',
    label: 'lineups',
    icon: IconEyeOff,
    for: ['lineup.examine', 'lineup.assign'],
    key: 'b',
  },
  { to: '/people', label: 'people', icon: IconAddressBook, for: ['person.read'], key: 'p' },
  { to: '/enquiries', label: 'enquiries', icon: IconMailQuestion, for: ['enquiry.read'], key: 'q' },
  { to: '/verification', label: 'verification', icon: IconUsersGroup, for: ['verification.run'], key: 'v' },
  { to: '/collections', label: 'collections', icon: IconPhotoSearch, for: ['collection.read'], key: 'o' },
  {
    to: '/administration',
    label: 'administration',
    icon: IconBuildingCommunity,
    for: ['role.confirm'],
    key: 'a',
  },
  { to: '/reviews', label: 'reviews', icon: IconClipboardCheck, for: ['review.read'], key: 'e' },
  { to: '/statistics', label: 'statistics', icon: IconChartBar, for: ['statistics.read'], key: 't' },
  { to: '/audit', label: 'audit', icon: IconListSearch, for: ['audit.read', 'audit.verify'], key: 'l' },
  { to: '/model', label: 'model', icon: IconRulerMeasure, for: [], key: 'y' },
]

/** Pages that no place leads to directly, and what somebody needs one of to see them. */
const FURTHER_PAGES: readonly { to: string; for: readonly Permission[] }[] = [
  { to: '/searches', for: ['search.read'] },
  { to: '/examinations', for: ['identification.read'] },
  { to: '/standing-searches', for: ['watch.read'] },
]

/** What one needs one of for the page at an address; none: everybody may see it. */
export function rightsFor(pathname: string): readonly Permission[] {
  const page = [...PLACES, ...FURTHER_PAGES].find(
    ({ to }) => to !== '/' && (pathname === to || pathname.startsWith(`${to}/`)),
  )
  return page?.for ?? []
}
