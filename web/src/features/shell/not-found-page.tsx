import { Container, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { TextLink } from '../../ui/text-link.tsx'

/** An address that leads nowhere. */
export function NotFoundPage() {
  const { t } = useTranslation()
  return (
    <Container size="xs" py="xl" component="main">
      <Title order={1}>{t('common.notFound')}</Title>
      <Text my="sm">{t('common.notFoundHelp')}</Text>
      <TextLink to="/">{t('common.toHome')}</TextLink>
    </Container>
  )
}
