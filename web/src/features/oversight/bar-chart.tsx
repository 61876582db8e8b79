import { Group, Table, Text } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../ui/use-formats.ts'
import styles from './bar-chart.module.css'

export interface Bar {
  label: string
  /** One number a series, in their order. */
  values: readonly [number, number]
}

const HEIGHT_PX = 220
const LEFT_PX = 44
const BOTTOM_PX = 22
const TOP_PX = 8
/** Share of a bar's place that stays empty. */
const GAP = 0.35
const LINES = 4
/** Space that a label under a bar takes. */
const LABEL_PX = 56

/** Stacked bars of two series; the same numbers follow as a table for whoever cannot see them. */
export function BarChart({
  title,
  series,
  bars,
}: {
  title: string
  series: readonly [string, string]
  bars: readonly Bar[]
}) {
  const { t } = useTranslation()
  const format = useFormats()
  const { ref, width } = useElementSize()
  const top = niceTop(Math.max(1, ...bars.map(({ values }) => values[0] + values[1])))
  const heightOf = (value: number): number => (value / top) * (HEIGHT_PX - BOTTOM_PX - TOP_PX)
  const step = (width - LEFT_PX) / bars.length
  const labelEvery = Math.max(1, Math.ceil(LABEL_PX / Math.max(1, step)))
  return (
    <figure style={{ margin: 0 }} aria-label={title}>
      <Group gap="md" mb={4}>
        {series.map((name, at) => (
          <Text key={name} size="sm">
            <span className={styles.key} data-series={at} />
            {name}
          </Text>
        ))}
      </Group>
      <div ref={ref}>
        {width > 0 && (
          <svg className={styles.chart} viewBox={`0 0 ${width} ${HEIGHT_PX}`} aria-hidden>
            {Array.from({ length: LINES + 1 }, (_, line) => (line * top) / LINES).map((value) => {
              const y = HEIGHT_PX - BOTTOM_PX - heightOf(value)
              return (
                <g key={value}>
                  <line className={styles.line} x1={LEFT_PX} x2={width} y1={y} y2={y} />
                  <text x={LEFT_PX - 6} y={y + 4} textAnchor="end">
                    {format.count(value)}
                  </text>
                </g>
              )
            })}
            {bars.map(({ label, values: [first, second] }, at) => {
              const x = LEFT_PX + at * step + (step * GAP) / 2
              const floor = HEIGHT_PX - BOTTOM_PX
              const wide = step * (1 - GAP)
              return (
                <g key={label}>
                  <title>{`${label}: ${series[0]} ${first}, ${series[1]} ${second}`}</title>
                  <rect
                    className={styles.first}
                    x={x}
                    y={floor - heightOf(first)}
                    width={wide}
                    height={heightOf(first)}
                  />
                  <rect
                    className={styles.second}
                    x={x}
                    y={floor - heightOf(first + second)}
                    width={wide}
                    height={heightOf(second)}
                  />
                  {at % labelEvery === 0 && (
                    <text x={x + wide / 2} y={HEIGHT_PX - 6} textAnchor="middle">
                      {label}
                    </text>
                  )}
                </g>
              )
            })}
          </svg>
        )}
      </div>
      <details>
        <summary>{t('stat.asTable')}</summary>
        <Table verticalSpacing={4} maw={560}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('stat.what')}</Table.Th>
              {series.map((name) => (
                <Table.Th key={name} ta="right">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bars.map(({ label, values }) => (
              <Table.Tr key={label}>
                <Table.Td>{label}</Table.Td>
                <Table.Td ta="right" className="numbers">
                  {format.count(values[0])}
                </Table.Td>
                <Table.Td ta="right" className="numbers">
                  {format.count(values[1])}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </details>
    </figure>
  )
}

/** The next round number that four lines divide evenly. */
function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most))
  const round = [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= most)! * power
  return Math.max(LINES, Math.ceil(round / LINES) * LINES)
}
