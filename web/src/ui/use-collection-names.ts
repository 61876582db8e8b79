import { useTranslation } from 'react-i18next'

/** Writes a list of collections in one line; null is one that the reader may not see any more. */
export function useCollectionNames(): (titles: readonly (string | null)[]) => string {
  const { t } = useTranslation()
  return (titles) => titles.map((title) => title ?? t('search.collectionUnseen')).join(', ')
}
