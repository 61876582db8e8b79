import { Accordion, Badge, Group, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { examinationPicture } from '../../../../src/contract/client/picture-addresses.ts'
import { AnalysisFacts } from '../examination/analysis-facts.tsx'
import { FinishedComparison } from '../examination/finished-comparison.tsx'
import { RevealButton } from '../examination/reveal-button.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import type { Identification } from './identification.ts'

const PICTURE_PX = 800

/** First examinations, newest first: each opens to its checklist with the marked pictures. */
export function ExaminationList({ identification }: { identification: Identification }) {
  const { t } = useTranslation()
  const format = useFormats()
  const [opened, setOpened] = useState<string[]>([])
  const first = identification.examinations.filter(({ verificationId }) => verificationId === null)
  const superseded = new Set(
    first.filter(({ finishedAt }) => finishedAt !== null).map(({ supersedesId }) => supersedesId),
  )
  return (
    <section>
      <Title order={2} mb="xs">
        {t('ident.examinations')}
      </Title>
      {first.length === 0 && <Text size="sm">{t('ident.noExamination')}</Text>}
      <Accordion multiple variant="separated" value={opened} onChange={setOpened} order={3}>
        {first.toReversed().map((one) => (
          <Accordion.Item key={one.id} value={one.id}>
            <Accordion.Control>
              <Group gap="xs">
                <Text size="sm" fw={500}>
                  {one.examiner}
                </Text>
                <Text size="sm" c="dimmed">
                  {format.time(one.finishedAt ?? one.begunAt)}
                </Text>
                <Badge variant="default">
                  {one.abandonedAt !== null
                    ? t('ident.abandoned')
                    : one.finishedAt === null
                      ? t('ident.draft')
                      : superseded.has(one.id)
                        ? t('ident.superseded')
                        : t(`term.conclusions.${one.items[0]?.conclusion ?? 'no_support'}`)}
                </Badge>
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              {one.finishedAt === null ? (
                one.isOwn && one.abandonedAt === null ? (
                  <TextLink to="/examinations/$examinationId" params={{ examinationId: one.id }}>
                    {t('ident.goOn')}
                  </TextLink>
                ) : (
                  <Text size="sm">{t('ident.draftHidden')}</Text>
                )
              ) : (
                // Its pictures are asked for, and the look written down, only when it is opened.
                opened.includes(one.id) && <Finished examination={one} />
              )}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </section>
  )
}

function Finished({ examination }: { examination: Identification['examinations'][number] }) {
  const { t } = useTranslation()
  const [reveal, setReveal] = useState(false)
  const picture = (itemId: string | undefined): string =>
    examinationPicture('examinations', examination.id, { itemId, side: PICTURE_PX, reveal })
  return (
    <Stack gap="sm">
      {examination.analysis !== null && <AnalysisFacts analysis={examination.analysis} />}
      {examination.items.map((item) => (
        <FinishedComparison
          key={item.id}
          probe={picture(undefined)}
          compared={picture(item.id)}
          comparedName={t('exam.candidate')}
          comparison={item}
        />
      ))}
      {!reveal && (
        <div>
          <RevealButton onReveal={() => setReveal(true)} />
        </div>
      )}
    </Stack>
  )
}
