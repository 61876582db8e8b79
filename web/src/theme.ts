import { Alert, Badge, createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

/** A quiet blue-green: neither the red nor the green of a verdict. */
const petrol: MantineColorsTuple = [
  '#e6f6f8',
  '#d0e9ed',
  '#a0d3da',
  '#6cbcc7',
  '#45a8b6',
  '#2c9cac',
  '#1691a2',
  '#0b7c8c',
  '#0b6473',
  '#0b5563',
]

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 8, dark: 8 },
  colors: { petrol },
  fontFamily: 'system-ui, "Noto Sans", "Segoe UI", Roboto, sans-serif',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  defaultRadius: 'sm',
  components: {
    // Titles in the alert's own colour would be too pale on its background.
    Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }),
    Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 500 } }),
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '1.25rem' }, h2: { fontSize: '1rem' }, h3: { fontSize: '0.875rem' } },
  },
})

/** Mantine's own greys and reds are too pale for WCAG 2.2 AA on some backgrounds. */
export const contrastVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#52595f',
    '--mantine-color-placeholder': '#6b7278',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': '#0b6473',
    '--likeness-chart-first': '#0b6473',
    '--likeness-chart-second': '#8a9aa3',
  },
  dark: {
    '--mantine-color-dimmed': '#adb3b8',
    '--mantine-color-placeholder': '#90969b',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-anchor': '#7fd0da',
    '--likeness-chart-first': '#45a8b6',
    '--likeness-chart-second': '#76838b',
  },
})
