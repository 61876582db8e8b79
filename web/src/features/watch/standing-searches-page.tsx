import { useTranslation } from 'react-i18next'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Pages, usePages } from '../../ui/pages.tsx'
import { StandingSearchList } from './standing-search-list.tsx'

/** Everybody who is looked for from now on. */
export function StandingSearchesPage() {
  const { t } = useTranslation()
  const searches = usePages('listStandingSearches', (cursor) => ({ query: { cursor } }))
  return (
    <>
      <PageHead
        title={t('standing.title')}
        crumbs={[{ label: t('nav.alerts'), to: '/alerts' }]}
        note={t('standing.allHelp')}
      />
      <Pages query={searches}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState title={t('standing.noneAtAll')} help={t('standing.noneAtAllHelp')} />
          ) : (
            <StandingSearchList searches={items} withPerson />
          )
        }
      </Pages>
    </>
  )
}
