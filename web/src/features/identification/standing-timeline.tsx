import { Text, Timeline, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CONCLUSIONS } from '../../../../src/contract/examination-words.ts'
import {
  EVIDENCE_KINDS,
  RECIPIENT_KINDS,
  VERIFICATION_OUTCOMES,
} from '../../../../src/contract/identification-words.ts'
import type { TERMS_EN } from '../../../../src/contract/terms/en.ts'
import { useFormats } from '../../ui/use-formats.ts'
import type { Identification } from './identification.ts'

type Kind = keyof typeof TERMS_EN.timeline

/** Every act on it, oldest first. */
export function StandingTimeline({ identification }: { identification: Identification }) {
  const { t } = useTranslation()
  const format = useFormats()
  const word = useWord()
  const { timeline } = identification
  return (
    <section>
      <Title order={2} mb="sm">
        {t('ident.timeline')}
      </Title>
      <Timeline bulletSize={14} lineWidth={2} active={timeline.length - 1}>
        {timeline.map(({ at, kind, by, about, what }) => (
          <Timeline.Item
            key={`${at} ${kind} ${about}`}
            title={<Text size="sm">{t(`term.timeline.${kind as Kind}`)}</Text>}
          >
            {what !== null && (
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {word(what)}
              </Text>
            )}
            <Text size="xs" c="dimmed">
              {by}, {format.time(at)}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </section>
  )
}

/** A word of the contract in the reader's language; anything else stays as somebody wrote it. */
function useWord(): (what: string) => string {
  const { t } = useTranslation()
  return (what) => {
    const conclusion = within(CONCLUSIONS, what)
    if (conclusion !== undefined) return t(`term.conclusions.${conclusion}`)
    const outcome = within(VERIFICATION_OUTCOMES, what)
    if (outcome !== undefined) return t(`term.outcomes.${outcome}`)
    const recipient = within(RECIPIENT_KINDS, what)
    if (recipient !== undefined) return t(`term.recipients.${recipient}`)
    const evidence = within(EVIDENCE_KINDS, what)
    if (evidence !== undefined) return t(`term.evidence.${evidence}`)
    const closed = within(['rejected', 'inconclusive'] as const, what)
    return closed === undefined ? what : t(`term.states.${closed}`)
  }
}

function within<Word extends string>(words: readonly Word[], what: string): Word | undefined {
  return words.find((one) => one === what)
}
