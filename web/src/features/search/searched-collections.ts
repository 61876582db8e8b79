import type { TFunction } from 'i18next'

/** Names of the collections that a search looked at, and how many more there were that the own agency does not see now. */
export function searchedCollections(
  t: TFunction,
  { collections, collectionsHidden }: { collections: { title: string }[]; collectionsHidden: number },
): string {
  const named = collections.map(({ title }) => title)
  const hidden = collectionsHidden === 0 ? [] : [t('search.hidden', { number: collectionsHidden })]
  return [...named, ...hidden].join(', ') || '—'
}
