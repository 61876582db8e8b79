import {
  IconBuildingCommunity,
  IconFolders,
  IconHome,
  IconListSearch,
  IconPhotoSearch,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react'
import type { Permission } from '../../../src/contract/roles.ts'

interface Place {
  to: '/' | '/cases' | '/verification' | '/collections' | '/administration' | '/audit'
  label: 'home' | 'cases' | 'verification' | 'collections' | 'administration' | 'audit'
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
  { to: '/audit', label: 'audit', icon: IconListSearch, for: ['audit.read', 'audit.verify'], key: 'l' },
]
