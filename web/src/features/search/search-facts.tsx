import { Group, Paper, SimpleGrid, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Search } from '../../ui/candidate-facts.ts'
import { FaceCrop } from '../../ui/face-crop.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { useSubject } from '../../ui/use-subject.ts'

/** What was searched with, and how: all that another expert needs to repeat it. */
export function SearchFacts({ search }: { search: Search }) {
  const { t } = useTranslation()
  const format = useFormats()
  const subject = useSubject(search)
  const facts: [string, string][] = [
    [t('fact.threshold'), format.similarity(search.threshold)],
    [t('fact.scores'), t(`fact.scoresFrom.${search.scores.source}`)],
    [t('fact.model'), `${search.model.packId}, ${search.model.pipelineVersion}`],
    [t('fact.legalBasis'), search.legalBasis],
    [t('fact.purpose'), t(`purpose.${search.purpose}`)],
    [t('fact.list'), search.listSha256],
  ]
  return (
    <Paper withBorder p="sm">
      <Group align="flex-start" wrap="nowrap">
        <Group gap="xs" wrap="nowrap">
          {subject.map(({ probe, face }) => (
            <FaceCrop key={face.id} probe={probe} box={face.box} sizePx={96} alt={t('cand.probeAlt')} />
          ))}
        </Group>
        <SimpleGrid
          component="dl"
          m={0}
          cols={{ base: 1, xs: 2, md: 3 }}
          spacing="md"
          verticalSpacing={6}
          style={{ flex: 1, minWidth: 0 }}
        >
          {facts.map(([name, value]) => (
            <div key={name} style={{ minWidth: 0 }}>
              <Text component="dt" size="xs" c="dimmed">
                {name}
              </Text>
              <Text component="dd" m={0} size="sm" className="numbers" truncate title={value}>
                {value}
              </Text>
            </div>
          ))}
        </SimpleGrid>
      </Group>
    </Paper>
  )
}
