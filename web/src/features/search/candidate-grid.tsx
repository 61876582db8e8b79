import { Text, Title } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { capturedAt, sourceName, type Candidate, type Search } from '../../ui/candidate-facts.ts'
import styles from './candidate-grid.module.css'
import { CandidatePicture } from './candidate-picture.tsx'
import { MarkBadge } from './mark-badge.tsx'
import { MomentLine } from './moment-line.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { useStrangers } from './use-strangers.ts'
import type { Marks } from './use-marks.ts'

const PICTURE_PX = 320

export interface CandidateListParts {
  title: string
  search: Search
  candidates: readonly Candidate[]
  marks: Marks
  revealed: ReadonlySet<number>
  reveal: (rank: number) => void
}

/** Candidates as pictures with what matters of each. */
export function CandidateGrid({ title, search, candidates, marks, revealed, reveal }: CandidateListParts) {
  const { t } = useTranslation()
  return (
    <section>
      {title !== '' && (
        <Title order={2} my="xs" style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Title>
      )}
      <ul className={styles.grid} aria-label={title === '' ? t('cand.title') : title}>
        {candidates.map((candidate) => (
          <li key={candidate.rank}>
            <Card
              search={search}
              candidate={candidate}
              mark={marks.of(candidate.rank)}
              revealed={revealed.has(candidate.rank)}
              onReveal={() => reveal(candidate.rank)}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Card({
  search,
  candidate,
  mark,
  revealed,
  onReveal,
}: {
  search: Search
  candidate: Candidate
  mark: ReturnType<Marks['of']>
  revealed: boolean
  onReveal: () => void
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const strangers = useStrangers()
  const navigate = useNavigate()
  const { rank, similarity, media } = candidate
  const compare = (): void =>
    void navigate({
      to: '/searches/$searchId/compare/$rank',
      params: { searchId: search.id, rank: String(rank) },
    })
  const taken = capturedAt(candidate)
  return (
    // A group that holds the reveal button; the keys are the list's, and the link is said by the label.
    <div
      className={styles.card}
      data-rank={rank}
      data-mark={mark?.mark}
      role="group"
      tabIndex={0}
      aria-label={t('cand.label', { rank, similarity: format.similarity(similarity) })}
      onClick={compare}
    >
      <span className={styles.rank}>{rank}</span>
      {mark !== undefined && <MarkBadge className={styles.mark} mark={mark} />}
      <CandidatePicture
        searchId={search.id}
        candidate={candidate}
        side={PICTURE_PX}
        revealed={revealed}
        onReveal={onReveal}
      />
      <div className={styles.facts}>
        <Text size="sm" fw={600} className="numbers">
          {t('cand.similarityIs', { value: format.similarity(similarity) })}
        </Text>
        <Text size="xs">{strangers(candidate)}</Text>
        <MomentLine candidate={candidate} />
        <Text size="xs" c="dimmed" truncate title={sourceName(candidate)}>
          {sourceName(candidate)}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {[taken === undefined ? t('cand.undated') : format.day(taken), media?.collections[0]?.title]
            .filter((part) => part !== undefined)
            .join(' · ')}
        </Text>
      </div>
    </div>
  )
}
