import {
  Alert,
  Checkbox,
  Group,
  MultiSelect,
  NativeSelect,
  NumberInput,
  Radio,
  Table,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CASE_PURPOSES, type CasePurpose } from '../../../../src/contract/case-purposes.ts'
import { COMPARISONS, type Comparison } from '../../../../src/contract/watch-words.ts'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { useMay } from '../../session.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { dayFromToday } from '../../../../src/contract/dates.ts'

type Preview = Reply<'previewStandingSearch'>

const RUNS_DAYS = 365
const REVIEW_AFTER_DAYS = 90

/** Sets up a standing search: what it looks at, from which likeness on it alerts and what that costs, until when, by what law. */
export function NewStandingSearch({ personId, onClose }: { personId: string; onClose: () => void }) {
  const { t } = useTranslation()
  const may = useMay()
  const create = useApi('createStandingSearch', ['listStandingSearches'])
  const [collections, setCollections] = useState<string[]>([])
  const [comparison, setComparison] = useState<Comparison>()
  const [withFaces, setWithFaces] = useState(false)
  const [rate, setRate] = useState<number>()
  const [threshold, setThreshold] = useState<number>()
  const [purpose, setPurpose] = useState<CasePurpose>('find_missing_person')
  const [legalBasis, setLegalBasis] = useState('')
  const [dueHours, setDueHours] = useState<number>()
  const [endsOn, setEndsOn] = useState(dayFromToday(RUNS_DAYS))
  const [reviewOn, setReviewOn] = useState(dayFromToday(REVIEW_AFTER_DAYS))
  const all = useQuery({ ...apiQuery('listCollections', {}), enabled: may('collection.read') })
  const subject = {
    personId,
    withFaces,
    ...(comparison === undefined ? {} : { comparison }),
    ...(collections.length === 0 ? {} : { collections }),
  }
  const preview = useQuery({
    ...apiQuery('previewStandingSearch', { body: subject }),
    placeholderData: keepPreviousData,
  })
  const shown = preview.data
  const chosen = rate ?? shown?.proposed?.falseMatchRate
  const measured = shown !== undefined && shown.levels.length > 0
  const submit = (): void => {
    const level = measured ? { falseMatchRate: chosen } : { threshold }
    const due = dueHours ?? shown?.dueHours
    const body = { ...subject, purpose, legalBasis, endsOn, reviewOn, ...level, dueHours: due }
    create.mutate({ body }, { onSuccess: onClose })
  }
  return (
    <FormDialog
      title={t('standing.add')}
      act={t('standing.setUp')}
      opened
      size="xl"
      busy={create.isPending}
      error={create.error}
      disabled={shown === undefined || (!measured && threshold === undefined)}
      onClose={onClose}
      onSubmit={submit}
    >
      <Text size="sm">{t('standing.help')}</Text>
      <ProblemAlert error={preview.error} />
      {all.data !== undefined && (
        <MultiSelect
          label={t('standing.collections')}
          placeholder={collections.length === 0 ? t('standing.allCollections') : ''}
          value={collections}
          onChange={setCollections}
          data={all.data.map(({ id, title }) => ({ value: id, label: title }))}
        />
      )}
      <Checkbox
        label={t('standing.withFaces')}
        checked={withFaces}
        onChange={(event) => setWithFaces(event.currentTarget.checked)}
      />
      {shown !== undefined && (
        <>
          {shown.faces > 1 && (
            <NativeSelect
              label={t('standing.comparison')}
              description={t('standing.comparisonHelp')}
              value={comparison ?? shown.comparison}
              onChange={(event) =>
                setComparison(COMPARISONS.find((one) => one === event.currentTarget.value))
              }
              data={COMPARISONS.map((value) => ({ value, label: t(`standing.comparisonIs.${value}`) }))}
            />
          )}
          {measured ? (
            <Levels preview={shown} chosen={chosen} onChoose={setRate} />
          ) : (
            <NumberInput
              label={t('standing.threshold')}
              description={t('standing.unmeasured')}
              required
              min={-1}
              max={1}
              step={0.01}
              decimalScale={3}
              value={threshold ?? ''}
              onChange={(value) => setThreshold(typeof value === 'number' ? value : undefined)}
            />
          )}
        </>
      )}
      <Group grow align="flex-start">
        <NativeSelect
          label={t('standing.purpose')}
          value={purpose}
          onChange={(event) => {
            const found = CASE_PURPOSES.find((one) => one === event.currentTarget.value)
            if (found !== undefined) setPurpose(found)
          }}
          data={CASE_PURPOSES.map((value) => ({ value, label: t(`purpose.${value}`) }))}
        />
        <NumberInput
          label={t('standing.due')}
          min={1}
          max={720}
          allowDecimal={false}
          value={dueHours ?? shown?.dueHours ?? ''}
          onChange={(value) => setDueHours(typeof value === 'number' ? value : undefined)}
        />
      </Group>
      <Group grow align="flex-start">
        <TextInput
          type="date"
          label={t('standing.review')}
          required
          value={reviewOn}
          onChange={(event) => setReviewOn(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t('standing.ends')}
          required
          value={endsOn}
          onChange={(event) => setEndsOn(event.currentTarget.value)}
        />
      </Group>
      <Textarea
        label={t('standing.basis')}
        required
        autosize
        minRows={2}
        maxLength={4000}
        value={legalBasis}
        onChange={(event) => setLegalBasis(event.currentTarget.value)}
      />
    </FormDialog>
  )
}

/** Thresholds with the false alerts to be expected of each. */
function Levels({
  preview,
  chosen,
  onChoose,
}: {
  preview: Preview
  chosen: number | undefined
  onChoose: (rate: number) => void
}) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <div>
      <Text size="sm" fw={500}>
        {t('standing.threshold')}
      </Text>
      <Text size="xs" c="dimmed" mb={4}>
        {t('standing.thresholdHelp')} {t('standing.month', { count: preview.facesAMonth })}
      </Text>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('standing.threshold')}</Table.Th>
            <Table.Th>{t('standing.rate')}</Table.Th>
            <Table.Th>{t('standing.expected')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.levels.map(
            ({ falseMatchRate, threshold, measuredRate, expectedFalseAlerts, extrapolated }) => {
              const isProposed = falseMatchRate === preview.proposed?.falseMatchRate
              const label = `${format.similarity(threshold)}${isProposed ? ` (${t('standing.proposed')})` : ''}`
              return (
                <Table.Tr key={falseMatchRate}>
                  <Table.Td>
                    <Radio
                      name="threshold"
                      label={label}
                      checked={chosen === falseMatchRate}
                      onChange={() => onChoose(falseMatchRate)}
                    />
                  </Table.Td>
                  <Table.Td className="numbers">
                    {t(extrapolated ? 'standing.fewerThanOneIn' : 'standing.oneIn', {
                      number: format.count(Math.round(1 / measuredRate)),
                    })}
                  </Table.Td>
                  <Table.Td className="numbers">
                    {extrapolated
                      ? t('standing.fewerThan', { number: format.rough(expectedFalseAlerts) })
                      : format.rough(expectedFalseAlerts)}
                  </Table.Td>
                </Table.Tr>
              )
            },
          )}
        </Table.Tbody>
      </Table>
      <Alert color={preview.reason === 'child' ? 'yellow' : 'gray'} mt="xs">
        {t(`standing.reason.${preview.reason}`)}
      </Alert>
    </div>
  )
}
