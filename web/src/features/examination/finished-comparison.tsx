import { Grid, SimpleGrid, Stack, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { FACIAL_FEATURES, type ComparisonDraft } from '../../../../src/contract/examination-words.ts'
import { regionsOn } from './checklist.ts'
import { RegionPicture } from './region-picture.tsx'

/** A comparison as it was finished: the marked pictures, every feature, evaluation and conclusion. */
export function FinishedComparison({
  probe,
  compared,
  comparedName,
  comparison,
}: {
  probe: string
  compared: string
  comparedName: string
  comparison: ComparisonDraft
}) {
  const { t } = useTranslation()
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <SimpleGrid cols={2} spacing="xs">
          <RegionPicture
            address={probe}
            alt={t('exam.probe')}
            regions={regionsOn('probeRegion', comparison)}
          />
          <RegionPicture
            address={compared}
            alt={comparedName}
            regions={regionsOn('comparedRegion', comparison)}
          />
        </SimpleGrid>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack gap="xs">
          {comparison.conclusion !== null && (
            <Text fw={500}>{t(`term.conclusions.${comparison.conclusion}`)}</Text>
          )}
          <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>
            {comparison.evaluation}
          </Text>
          {comparison.checklist.length > 0 && (
            <Table verticalSpacing={3}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('exam.feature')}</Table.Th>
                  <Table.Th>{t('exam.found')}</Table.Th>
                  <Table.Th>{t('exam.note')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {comparison.checklist.map(({ feature, finding, note }) => (
                  <Table.Tr key={feature}>
                    <Table.Td>
                      {FACIAL_FEATURES.indexOf(feature) + 1}. {t(`term.features.${feature}`)}
                    </Table.Td>
                    <Table.Td>{t(`term.findings.${finding}`)}</Table.Td>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{note}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Stack>
      </Grid.Col>
    </Grid>
  )
}
