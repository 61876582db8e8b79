import { Group, Paper, Spoiler, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Search } from './candidate-facts.ts'
import { FaceCrop } from './face-crop.tsx'
import { useFormats } from './use-formats.ts'
import { useSubject } from './use-subject.ts'

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
        <Spoiler
          maxHeight={96}
          showLabel={t('common.showMore')}
          hideLabel={t('common.showLess')}
          style={{ flex: 1, minWidth: 0 }}
        >
          <dl style={{ margin: 0 }}>
            {facts.map(([name, value]) => (
              <Text key={name} size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
                <Text component="dt" span c="dimmed" size="sm">
                  {name}:{' '}
                </Text>
                <Text component="dd" span m={0} size="sm" className="numbers">
                  {value}
                </Text>
              </Text>
            ))}
          </dl>
        </Spoiler>
      </Group>
    </Paper>
  )
}
