import { Button } from '@mantine/core'
import { useInfiniteQuery, type UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallInput } from '../../../src/contract/client/api-client.ts'
import { api } from '../api.ts'
import type { Reply } from '../api.ts'
import { Loaded } from './loaded.tsx'

type ListName =
  | 'browseCollection'
  | 'listAlerts'
  | 'listCases'
  | 'listEnquiries'
  | 'listIdentifications'
  | 'listLeads'
  | 'listLineups'
  | 'listPeople'
  | 'listProbes'
  | 'listReviews'
  | 'listSearches'
  | 'listStandingSearches'
  | 'listVerifications'
  | 'listWaitingSearches'
  | 'readAudit'
  | 'showTimeline'
type Item<Name extends ListName> = Reply<Name> extends { items: (infer Row)[] } ? Row : never

/** A list that comes in pages. */
export function usePages<Name extends ListName>(
  name: Name,
  inputAt: (cursor: string | undefined) => CallInput<Name>,
): UseInfiniteQueryResult<Item<Name>[]> {
  return useInfiniteQuery({
    queryKey: [name, 'pages', inputAt(undefined)],
    queryFn: async ({ pageParam, signal }) => {
      const page = await api.call(name, { ...inputAt(pageParam), signal })
      return page as { items: Item<Name>[]; next: string | null }
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  })
}

/** What has come of the list so far, and a button for more. */
export function Pages<Row>({
  query,
  children,
}: {
  query: UseInfiniteQueryResult<Row[]>
  children: (items: Row[]) => ReactNode
}) {
  const { t } = useTranslation()
  return (
    <>
      <Loaded query={query}>{children}</Loaded>
      {query.hasNextPage && (
        <Button
          variant="default"
          mt="sm"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('common.more')}
        </Button>
      )}
    </>
  )
}
