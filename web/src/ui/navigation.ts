import {
  IconBuildingCommunity,
  IconChartBar,
  IconClipboardCheck,
  IconFolders,
  IconHome,
  IconListSearch,
  IconPhotoSearch,
  IconRulerMeasure,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react'
import type { Permission } from '../../../src/contract/roles.ts'

interface Place {
  to:
    | '/'
    | '/cases'
    | '/verification'
    | '/collections'
    | '/reviews'
    | '/statistics'
    | '/administration'
    | '/audit'
    | '/model'
  label:
    | 'home'
    | 'cases'
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
  { to: '/cases', label: 'cases', icon: IconFolders, for: ['case.read'], key: 'c' },
  { to: '/verification', label: 'verification', icon: IconUsersGroup, for: ['verification.run'], key: 'v' },
  { to: '/collections', label: 'collections', icon: IconPhotoSearch, for: ['collection.read'], key: 'o' },
  {
    to: '/administration',
    label: 'administration',
    icon: IconBuildingCommunity,
    for: ['account.read'],
    key: 'a',
  },
  { to: '/reviews', label: 'reviews', icon: IconClipboardCheck, for: ['review.read'], key: 'e' },
  { to: '/statistics', label: 'statistics', icon: IconChartBar, for: ['statistics.read'], key: 't' },
  { to: '/audit', label: 'audit', icon: IconListSearch, for: ['audit.read', 'audit.verify'], key: 'l' },
  { to: '/model', label: 'model', icon: IconRulerMeasure, for: [], key: 'y' },
]
