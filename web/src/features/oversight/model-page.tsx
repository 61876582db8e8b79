import { Alert, Code, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { apiQuery, type Reply } from '../../api.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { Term } from '../../ui/fact.tsx'

type Pack = Reply<'showModelPack'>

/** The model pack in use, and how often strangers look alike by its scores. */
export function ModelPage() {
  const { t } = useTranslation()
  const pack = useQuery({ ...apiQuery('showModelPack', {}), staleTime: Infinity })
  return (
    <>
      <PageHead title={t('nav.model')} note={t('model.help')} />
      <Loaded query={pack}>{(shown) => <PackView pack={shown} />}</Loaded>
    </>
  )
}

function PackView({ pack }: { pack: Pack }) {
  const { t } = useTranslation()
  const format = useFormats()
  const facts: [string, string][] = [
    [t('fact.model'), `${pack.packId}, ${pack.pipelineVersion}`],
    [t('model.title'), pack.title],
    [t('model.threshold'), format.similarity(pack.defaultThreshold)],
  ]
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Paper withBorder p="md" component="section" aria-label={t('model.here')}>
          <Title order={2} mb={4}>
            {t('model.here')}
          </Title>
          {pack.collections === null ? (
            <Alert color="yellow">{t('model.hereNot')}</Alert>
          ) : (
            <>
              <Text size="sm" mb="xs">
                {t('model.hereBy', {
                  pairs: format.count(pack.collections.pairs),
                  faces: format.count(pack.collections.faces),
                  at: format.time(pack.collections.measuredAt),
                })}
              </Text>
              <Rates points={pack.collections.points} />
            </>
          )}
        </Paper>
        <Paper withBorder p="md" component="section" aria-label={t('model.calibrated')}>
          <Title order={2} mb={4}>
            {t('model.calibrated')}
          </Title>
          {pack.pack === null ? (
            <Alert color="yellow">{t('model.notCalibrated')}</Alert>
          ) : (
            <>
              <Text size="sm" mb="xs">
                {t('model.calibratedBy', {
                  pairs: format.count(pack.pack.pairs),
                  people: format.count(pack.pack.people),
                })}{' '}
                <span lang="en">{pack.pack.source}.</span>
              </Text>
              <Rates points={pack.pack.points} />
            </>
          )}
        </Paper>
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        {t('model.limits')}
      </Text>
      <Paper withBorder p="md" component="section" aria-label={t('model.pack')}>
        <Title order={2} mb="xs">
          {t('model.pack')}
        </Title>
        <SimpleGrid component="dl" m={0} cols={{ base: 1, md: 2 }} verticalSpacing="sm">
          {facts.map(([name, value]) => (
            <Term key={name} name={name}>
              {value}
            </Term>
          ))}
        </SimpleGrid>
        {pack.sources.map((source) => (
          <SimpleGrid key={source.name} component="dl" m={0} mt="md" cols={{ base: 1, md: 2 }}>
            <Term name={t('model.network')}>
              <span lang="en">{source.name}</span>
            </Term>
            <Term name={t('model.licence')}>
              <span lang="en">{source.licence}</span>
            </Term>
            <Term name={t('model.package')}>{source.package ?? t('model.fromFolder')}</Term>
            <Term name={t('model.provenance')}>
              <span lang="en">{source.provenance}</span>
            </Term>
          </SimpleGrid>
        ))}
        <Table.ScrollContainer minWidth={640} mt="md">
          <Table verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('model.file')}</Table.Th>
                <Table.Th ta="right">{t('source.bytes')}</Table.Th>
                <Table.Th>SHA-256</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {pack.files.map(({ path, bytes, sha256 }) => (
                <Table.Tr key={path}>
                  <Table.Td>{path}</Table.Td>
                  <Table.Td ta="right" className="numbers">
                    {format.count(bytes)}
                  </Table.Td>
                  <Table.Td>
                    <Code fz="xs" style={{ overflowWrap: 'anywhere' }}>
                      {sha256}
                    </Code>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Paper>
    </Stack>
  )
}

function Rates({ points }: { points: readonly { similarity: number; falseMatchRate: number }[] }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <Table verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th ta="right">{t('model.similarity')}</Table.Th>
          <Table.Th ta="right">{t('model.strangers')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {points.map(({ similarity, falseMatchRate }) => (
          <Table.Tr key={similarity}>
            <Table.Td ta="right" className="numbers">
              {format.similarity(similarity)}
            </Table.Td>
            <Table.Td ta="right" className="numbers">
              {t('model.oneIn', { shown: format.rough(1 / falseMatchRate) })}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
