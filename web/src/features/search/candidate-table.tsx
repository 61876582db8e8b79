import { Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { capturedAt, sourceName } from '../../ui/candidate-facts.ts'
import type { CandidateListParts } from './candidate-grid.tsx'
import styles from './candidate-grid.module.css'
import { CandidatePicture } from './candidate-picture.tsx'
import { MarkBadge } from './mark-badge.tsx'
import { MomentLine } from './moment-line.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { useStrangers } from './use-strangers.ts'
import { TextLink } from '../../ui/text-link.tsx'

const PICTURE_PX = 160

/** Candidates one a row, with their facts in columns. */
export function CandidateTable({ title, search, candidates, marks, revealed, reveal }: CandidateListParts) {
  const { t } = useTranslation()
  const format = useFormats()
  const strangers = useStrangers()
  return (
    <section>
      {title !== '' && (
        <Title order={2} my="xs">
          {title}
        </Title>
      )}
      <Table.ScrollContainer minWidth={820}>
        <Table verticalSpacing={4} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('cand.rank')}</Table.Th>
              <Table.Th>{t('cand.face')}</Table.Th>
              <Table.Th>{t('cand.similarity')}</Table.Th>
              <Table.Th>{t('cand.meaning')}</Table.Th>
              <Table.Th>{t('cand.source')}</Table.Th>
              <Table.Th>{t('cand.taken')}</Table.Th>
              <Table.Th>{t('cand.collection')}</Table.Th>
              <Table.Th>{t('cand.marked')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {candidates.map((candidate) => {
              const { rank, media } = candidate
              const mark = marks.of(rank)
              const taken = capturedAt(candidate)
              return (
                <Table.Tr key={rank} data-rank={rank} tabIndex={0}>
                  <Table.Td>
                    <TextLink
                      to="/searches/$searchId/compare/$rank"
                      params={{ searchId: search.id, rank: String(rank) }}
                      aria-label={t('cand.label', {
                        rank,
                        similarity: format.similarity(candidate.similarity),
                      })}
                    >
                      {rank}
                    </TextLink>
                  </Table.Td>
                  <Table.Td className={styles.small}>
                    <CandidatePicture
                      searchId={search.id}
                      candidate={candidate}
                      side={PICTURE_PX}
                      revealed={revealed.has(rank)}
                      onReveal={() => reveal(rank)}
                    />
                  </Table.Td>
                  <Table.Td className="numbers">{format.similarity(candidate.similarity)}</Table.Td>
                  <Table.Td>{strangers(candidate)}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>
                    {sourceName(candidate)}
                    <MomentLine candidate={candidate} />
                  </Table.Td>
                  <Table.Td>{taken === undefined ? t('cand.undated') : format.day(taken)}</Table.Td>
                  <Table.Td>{media?.collections.map((one) => one.title).join(', ')}</Table.Td>
                  <Table.Td>
                    {mark !== undefined && (
                      <>
                        <MarkBadge mark={mark} />
                        <Text size="xs" c="dimmed">
                          {mark.markedBy}
                        </Text>
                      </>
                    )}
                  </Table.Td>
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  )
}
