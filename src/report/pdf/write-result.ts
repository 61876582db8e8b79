import type { MeasuredRate } from '../../examination/measured-error.ts'
import type { ReportContent } from '../report-content.ts'
import type { ReportTexts } from '../texts/text-shape.ts'
import type { PageWriter } from './page-writer.ts'
import { wordOf } from './write-source.ts'

const SHORT_HASH = 16

/** Writes what came of it: further evidence, conclusion, error rates, people and times, the audit excerpt. */
export function writeResult(writer: PageWriter, content: ReportContent, texts: ReportTexts): void {
  writeEvidence(writer, content, texts)
  writeConclusion(writer, content, texts)
  const { labels } = texts
  const { errorRates: rates } = content
  writer.heading(texts.sections.errorRates, 2)
  writer.facts([
    [labels.lineups, String(rates.lineups)],
    [labels.concordant, String(rates.concordant)],
    [labels.discordant, String(rates.discordant)],
    [labels.fillerChosen, rateWords(rates.fillerChosen, texts)],
    [labels.perFiller, rateWords(rates.perFiller, texts)],
  ])
  writer.heading(texts.sections.people, 2)
  writer.table(
    [
      { title: labels.time, share: 2.2 },
      { title: labels.act, share: 2.2 },
      { title: labels.who, share: 2 },
      { title: labels.what, share: 3 },
    ],
    content.people.map(({ at, kind, by, what }) => [at, texts.timeline[kind], by, whatWords(what, texts)]),
  )
  for (const { kind, first, second, minutes } of content.closeness ?? []) {
    const who = ({ what, by }: typeof first) => `${texts.decisions[what]}: ${by}`
    writer.paragraph(`${texts.closeness[kind]} ${who(first)}; ${who(second)}; ${minutes} ${labels.minutes}`)
  }
  writer.heading(texts.sections.audit, 2)
  const { events, checkpoint } = content.audit
  writer.table(
    [
      { title: '№', share: 0.6 },
      { title: labels.time, share: 2 },
      { title: labels.who, share: 1.8 },
      { title: labels.event, share: 2.2 },
      { title: labels.chainHash, share: 1.6 },
    ],
    events.map(({ seq, at, actor, action, chainHash }) => [
      String(seq),
      at,
      actor,
      action,
      `${chainHash.slice(0, SHORT_HASH)}…`,
    ]),
  )
  writer.facts([
    [
      labels.checkpoint,
      checkpoint === null
        ? labels.none
        : `${checkpoint.seq}; ${checkpoint.at}; ${checkpoint.chainHash}; ${labels.key} ${checkpoint.keyId}`,
    ],
  ])
}

function writeEvidence(writer: PageWriter, { evidence }: ReportContent, texts: ReportTexts): void {
  const { labels } = texts
  writer.heading(texts.sections.evidence, 2)
  if (evidence.length === 0) {
    writer.paragraph(labels.none)
    return
  }
  writer.table(
    [
      { title: labels.kind, share: 1.3 },
      { title: labels.description, share: 3 },
      { title: labels.laboratory, share: 1.5 },
      { title: labels.reference, share: 1.4 },
      { title: labels.recordedBy, share: 1.8 },
    ],
    evidence.map((entry) => [
      texts.evidence[entry.kind] + (entry.retracted ? ` (${labels.retracted})` : ''),
      entry.description,
      entry.laboratory ?? '',
      entry.reference ?? '',
      `${entry.recordedBy}, ${entry.recordedAt}`,
    ]),
  )
}

function writeConclusion(writer: PageWriter, { conclusion }: ReportContent, texts: ReportTexts): void {
  const { labels } = texts
  const { signed, closed, withdrawn } = conclusion
  writer.heading(texts.sections.conclusion, 2)
  writer.paragraph(conclusion.words, { weight: 700 })
  const first = conclusion.first === null ? labels.none : texts.conclusions[conclusion.first]
  writer.facts([[texts.rounds.first, first]])
  if (signed !== null)
    writer.facts([
      [labels.signedBy, `${signed.by}, ${signed.at}`],
      [labels.statement, signed.statement],
    ])
  if (closed !== null)
    writer.facts([
      [labels.closedBy, `${closed.by}, ${closed.at}`],
      [labels.reason, closed.reason],
    ])
  if (withdrawn !== null)
    writer.facts([
      [labels.withdrawnBy, `${withdrawn.by}, ${withdrawn.at}`],
      [labels.reason, withdrawn.reason],
      [
        labels.told,
        withdrawn.told
          .map(
            ({ recipientKind, recipient, at }) => `${texts.recipients[recipientKind]}: ${recipient}, ${at}`,
          )
          .join('\n'),
      ],
    ])
  writer.notice(conclusion.caution)
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

function rateWords({ count, of, rate, low, high }: MeasuredRate, { labels }: ReportTexts): string {
  if (rate === undefined) return labels.notMeasured
  return `${count} / ${of} = ${percent(rate)} (${labels.interval} ${percent(low)} – ${percent(high)})`
}

/** A code of the contract in words; anything else as people wrote it. */
function whatWords(what: string | null, texts: ReportTexts): string {
  if (what === null) return ''
  const words = { ...texts.conclusions, ...texts.outcomes, ...texts.evidence, ...texts.recipients }
  return wordOf(words, what)
}
