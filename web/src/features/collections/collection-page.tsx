import { Alert, Badge, Group, Stack, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { apiQuery, type Reply } from '../../api.ts'
import { Grants } from './grants.tsx'
import { ImportFiles } from './import-files.tsx'
import { MediaBrowser } from './media-browser.tsx'
import { Retention } from './retention.tsx'
import { useMay } from '../../session.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useFormats } from '../../ui/use-formats.ts'

const route = getRouteApi('/app/collections/$collectionId')

/** One collection: what is in it, who may search it, how long it is kept. */
export function CollectionPage() {
  const { t } = useTranslation()
  const { collectionId } = route.useParams()
  const collections = useQuery(apiQuery('listCollections', {}))
  return (
    <Loaded query={collections}>
      {(rows) => {
        const collection = rows.find(({ id }) => id === collectionId)
        return collection === undefined ? (
          <Alert color="yellow" title={t('coll.gone')}>
            {t('common.notFoundHelp')}
          </Alert>
        ) : (
          <CollectionView collection={collection} />
        )
      }}
    </Loaded>
  )
}

function CollectionView({ collection }: { collection: Reply<'listCollections'>[number] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const { id, title, lawfulBasis, sensitivity, photos, videos, faces, isOwn, agency } = collection
  const tabs = [
    ...(isOwn && may('collection.browse') ? (['media'] as const) : []),
    ...(isOwn && may('collection.import') ? (['import'] as const) : []),
    ...(isOwn ? (['grants', 'retention'] as const) : []),
  ]
  const shown = tabs.find((one) => one === tab) ?? tabs[0]
  return (
    <>
      <PageHead
        title={title}
        crumbs={[{ label: t('nav.collections'), to: '/collections' }]}
        note={
          <Stack gap={2}>
            <Text size="sm">{lawfulBasis}</Text>
            <Group gap="xs">
              <Badge variant="default">{t(`coll.sensitivityIs.${sensitivity}`)}</Badge>
              <span>
                {t('coll.holds', {
                  photos: format.count(photos),
                  videos: format.count(videos),
                  faces: format.count(faces),
                })}
                {!isOwn && ` · ${t('coll.grantedBy', { agency })}`}
              </span>
            </Group>
          </Stack>
        }
      />
      {shown === undefined ? (
        <Alert title={t('coll.grantedTitle', { agency })}>{t('coll.grantedHelp')}</Alert>
      ) : (
        <Tabs
          value={shown}
          onChange={(value) => void navigate({ search: { tab: value as typeof shown } })}
          keepMounted={false}
        >
          <Tabs.List mb="md">
            {tabs.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {t(`coll.tab.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="media">
            <MediaBrowser collectionId={id} />
          </Tabs.Panel>
          <Tabs.Panel value="import">
            <ImportFiles collectionId={id} />
          </Tabs.Panel>
          <Tabs.Panel value="grants">
            <Grants collectionId={id} />
          </Tabs.Panel>
          <Tabs.Panel value="retention">
            <Retention collection={collection} />
          </Tabs.Panel>
        </Tabs>
      )}
    </>
  )
}
