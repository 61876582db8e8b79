import { Button, Group, Paper, Stack, Table, TextInput, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { CASE_PURPOSES } from '../../../../src/contract/case-purposes.ts'
import { apiQuery, type Reply } from '../../api.ts'
import { BarChart, type Bar } from './bar-chart.tsx'
import { ACTS } from './counted-acts.ts'
import { monthsBetween, monthsAgo, periodOf } from './months.ts'
import { statisticsCsv } from './statistics-csv.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useFormats } from '../../ui/use-formats.ts'

const route = getRouteApi('/app/statistics')
const SHOWN_MONTHS = 12

type Statistics = Reply<'readStatistics'>

/** How much is searched, for what and with what result; for a transparency report. No names, no cases. */
export function StatisticsPage() {
  const { t } = useTranslation()
  const { from = monthsAgo(SHOWN_MONTHS - 1), to = monthsAgo(0) } = route.useSearch()
  const navigate = route.useNavigate()
  const isPeriod = from <= to
  const statistics = useQuery({
    ...apiQuery('readStatistics', { query: periodOf(from, to) }),
    enabled: isPeriod,
  })
  return (
    <>
      <PageHead title={t('nav.statistics')} note={t('stat.help')}>
        <TextInput
          type="month"
          label={t('stat.from')}
          value={from}
          max={to}
          onChange={(event) =>
            void navigate({ search: { from: event.currentTarget.value || undefined, to } })
          }
        />
        <TextInput
          type="month"
          label={t('stat.to')}
          value={to}
          min={from}
          error={isPeriod ? undefined : t('stat.notPeriod')}
          onChange={(event) =>
            void navigate({ search: { from, to: event.currentTarget.value || undefined } })
          }
        />
      </PageHead>
      {isPeriod && (
        <Loaded query={statistics}>
          {(counted) => <Counted counted={counted} months={monthsBetween(from, to)} />}
        </Loaded>
      )}
    </>
  )
}

function Counted({ counted, months }: { counted: Statistics; months: readonly string[] }) {
  const { t } = useTranslation()
  const format = useFormats()
  const { searches, verifications } = counted
  const monthLabel = (month: string): string => format.month(month)
  const searched = (row: (typeof searches)[number]): readonly [number, number] => [
    row.withCandidates,
    row.withoutCandidate,
  ]
  const purposes = CASE_PURPOSES.filter((purpose) => searches.some((row) => row.purpose === purpose))
  const candidateSeries = [t('stat.withCandidates'), t('stat.withoutCandidate')] as const
  const total = searches.reduce((sum, row) => sum + row.withCandidates + row.withoutCandidate, 0)
  return (
    <Stack>
      <Part title={t('stat.searches', { count: total, shown: format.count(total) })}>
        <BarChart
          title={t('stat.searchesByMonth')}
          series={candidateSeries}
          bars={barsBy(searches, months, ({ month }) => month, monthLabel, searched)}
        />
      </Part>
      {purposes.length > 0 && (
        <Part title={t('stat.byPurpose')}>
          <Table verticalSpacing={4} maw={720}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('case.purpose')}</Table.Th>
                {candidateSeries.map((name) => (
                  <Table.Th key={name} ta="right">
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {barsBy(
                searches,
                purposes,
                ({ purpose }) => purpose,
                (purpose) => t(`purpose.${purpose as (typeof purposes)[number]}`),
                searched,
              ).map(({ label, values }) => (
                <Table.Tr key={label}>
                  <Table.Td>{label}</Table.Td>
                  {values.map((value, at) => (
                    <Table.Td key={candidateSeries[at]} ta="right" className="numbers">
                      {format.count(value)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Part>
      )}
      <Part title={t('stat.verifications')}>
        <BarChart
          title={t('stat.verifications')}
          series={[t('stat.alike'), t('stat.notAlike')]}
          bars={barsBy(
            verifications,
            months,
            ({ month }) => month,
            monthLabel,
            (row) => [row.alike, row.notAlike],
          )}
        />
      </Part>
      <Part title={t('stat.acts')}>
        <Table verticalSpacing={4} maw={560}>
          <Table.Tbody>
            {ACTS.map((action) => (
              <Table.Tr key={action}>
                <Table.Th fw={400}>{t(`act.${action}`)}</Table.Th>
                <Table.Td ta="right" className="numbers">
                  {format.count(
                    counted.acts
                      .filter((row) => row.action.replace('.', '_') === action)
                      .reduce((sum, { count }) => sum + count, 0),
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Part>
      <MethodErrors />
      <Group>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() =>
            saveFile(
              new Blob([statisticsCsv(counted)], { type: 'text/csv' }),
              `likeness-${months[0]}-${months.at(-1)}.csv`,
            )
          }
        >
          {t('stat.download')}
        </Button>
      </Group>
    </Stack>
  )
}

/** How often blind verifiers chose somebody who cannot be the person: the measured error of the method. */
function MethodErrors() {
  const { t } = useTranslation()
  const format = useFormats()
  const errors = useQuery(apiQuery('readMethodErrors', {}))
  return (
    <Part title={t('stat.method')}>
      <Loaded query={errors}>
        {({ lineups, concordant, discordant, fillerChosen, perFiller }) => (
          <Table verticalSpacing={4} maw={720}>
            <Table.Tbody>
              {(
                [
                  ['lineups', format.count(lineups)],
                  ['concordant', format.count(concordant)],
                  ['discordant', format.count(discordant)],
                  ['fillerChosen', rateText(fillerChosen)],
                  ['perFiller', rateText(perFiller)],
                ] as const
              ).map(([name, value]) => (
                <Table.Tr key={name}>
                  <Table.Th fw={400}>{t(`stat.methodOf.${name}`)}</Table.Th>
                  <Table.Td ta="right" className="numbers">
                    {value}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </Part>
  )

  function rateText({ count, of, rate, low, high }: Reply<'readMethodErrors'>['perFiller']): string {
    if (rate === null) return t('stat.notMeasured')
    const [shown, from, to] = [rate, low, high].map((one) => format.percent(one ?? 0))
    return t('stat.rate', { chosen: format.count(count), of: format.count(of), shown, from, to })
  }
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Title order={2} mb="xs">
        {title}
      </Title>
      {children}
    </Paper>
  )
}

/** A bar for each key: the values of its rows added up. */
function barsBy<Row>(
  rows: readonly Row[],
  keys: readonly string[],
  keyOf: (row: Row) => string,
  labelOf: (key: string) => string,
  valuesOf: (row: Row) => readonly [number, number],
): Bar[] {
  return keys.map((key) => ({
    label: labelOf(key),
    values: rows
      .filter((row) => keyOf(row) === key)
      .map(valuesOf)
      .reduce<readonly [number, number]>(([a, b], [c, d]) => [a + c, b + d], [0, 0]),
  }))
}
