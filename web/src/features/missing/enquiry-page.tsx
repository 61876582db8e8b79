import {
  Badge,
  Button,
  Group,
  NativeSelect,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ENQUIRY_CHANNELS } from '../../../../src/contract/missing-words.ts'
import { apiQuery, useApi, type Reply } from '../../api.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { Term } from '../../ui/fact.tsx'
import { today } from '../../../../src/contract/dates.ts'

const route = getRouteApi('/app/enquiries/$enquiryId')

type Enquiry = Reply<'showEnquiry'>

/** One enquiry with the answers that were given, by whom and how. */
export function EnquiryPage() {
  const { enquiryId } = route.useParams()
  const enquiry = useQuery(apiQuery('showEnquiry', { params: { id: enquiryId } }))
  return <Loaded query={enquiry}>{(shown) => <EnquiryView key={shown.id} enquiry={shown} />}</Loaded>
}

function EnquiryView({ enquiry }: { enquiry: Enquiry }) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState<'answer' | 'state'>()
  const setState = useApi('changeEnquiryState', ['showEnquiry', 'listEnquiries'])
  const isClosed = enquiry.state === 'closed'
  const act = t(isClosed ? 'enquiry.reopen' : 'enquiry.close')
  return (
    <>
      <PageHead
        title={enquiry.number}
        crumbs={[{ label: t('nav.enquiries'), to: '/enquiries' }]}
        note={<Badge variant="default">{t(`enquiry.stateIs.${enquiry.state}`)}</Badge>}
      >
        <Button variant="default" onClick={() => setAsking('state')}>
          {act}
        </Button>
      </PageHead>
      <Stack gap="xl">
        <Facts enquiry={enquiry} />
        <Answers enquiry={enquiry} onAnswer={isClosed ? undefined : () => setAsking('answer')} />
      </Stack>
      {asking === 'answer' && <RecordAnswer enquiry={enquiry} onClose={() => setAsking(undefined)} />}
      <ReasonDialog
        opened={asking === 'state'}
        title={act}
        warning={t(isClosed ? 'enquiry.reopenHelp' : 'enquiry.closeHelp')}
        act={act}
        busy={setState.isPending}
        error={setState.error}
        onClose={() => setAsking(undefined)}
        onReason={(reason) =>
          setState.mutate(
            { params: { id: enquiry.id }, body: { state: isClosed ? 'open' : 'closed', reason } },
            { onSuccess: () => setAsking(undefined) },
          )
        }
      />
    </>
  )
}

function Facts({ enquiry }: { enquiry: Enquiry }) {
  const { t } = useTranslation()
  const format = useFormats()
  const facts: [string, string | null][] = [
    [t('enquiry.enquirer'), `${enquiry.enquirer} (${enquiry.relation})`],
    [t('contact.telephone'), enquiry.telephone],
    [t('contact.email'), enquiry.email],
    [t('contact.address'), enquiry.address],
    [
      t('enquiry.receivedOn'),
      `${format.day(enquiry.receivedOn)}, ${t(`enquiry.channelIs.${enquiry.channel}`)}`,
    ],
    [t('enquiry.openedBy'), `${enquiry.openedBy}, ${format.time(enquiry.openedAt)}`],
  ]
  return (
    <Paper withBorder p="md" component="section" aria-label={t('enquiry.facts')}>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md" verticalSpacing="sm" component="dl" m={0}>
        <Term name={t('enquiry.person')}>
          <TextLink to="/people/$personId" params={{ personId: enquiry.personId }}>
            {enquiry.personNames[0] ?? t('person.unnamed')}
          </TextLink>
        </Term>
        {facts.map(([name, value]) => (
          <Term key={name} name={name}>
            {value}
          </Term>
        ))}
      </SimpleGrid>
      <Text size="xs" c="dimmed" mt="md">
        {t('enquiry.question')}
      </Text>
      <Text style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>{enquiry.question}</Text>
    </Paper>
  )
}

function Answers({ enquiry, onAnswer }: { enquiry: Enquiry; onAnswer: (() => void) | undefined }) {
  const { t } = useTranslation()
  const format = useFormats()
  return (
    <section aria-label={t('enquiry.answers')}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('enquiry.answers')}</Title>
        {onAnswer !== undefined && (
          <Button
            size="compact-md"
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={onAnswer}
          >
            {t('enquiry.recordAnswer')}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        {t('enquiry.answersHelp')}
      </Text>
      {enquiry.answers.length === 0 && <Text size="sm">{t('enquiry.noAnswers')}</Text>}
      <Stack gap="xs">
        {enquiry.answers.map((answer) => (
          <Paper key={answer.id} withBorder p="sm">
            <Text style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>{answer.answer}</Text>
            <Text size="xs" c="dimmed" mt={4}>
              {t('enquiry.givenLine', {
                name: answer.givenBy,
                date: format.day(answer.givenOn),
                channel: t(`enquiry.channelIs.${answer.channel}`),
              })}
              {' · '}
              {t('enquiry.recordedLine', { name: answer.recordedBy, date: format.time(answer.recordedAt) })}
            </Text>
          </Paper>
        ))}
      </Stack>
    </section>
  )
}

function RecordAnswer({ enquiry, onClose }: { enquiry: Enquiry; onClose: () => void }) {
  const { t } = useTranslation()
  const record = useApi('recordAnswer', ['showEnquiry', 'listEnquiries'])
  const [thisDay] = useState(today)
  const form = useForm({
    initialValues: {
      answer: '',
      givenBy: '',
      givenOn: thisDay,
      channel: enquiry.channel,
    },
  })
  return (
    <FormDialog
      title={t('enquiry.recordAnswer')}
      act={t('enquiry.recordAnswer')}
      opened
      size="lg"
      busy={record.isPending}
      error={record.error}
      onClose={onClose}
      onSubmit={() =>
        record.mutate({ params: { id: enquiry.id }, body: form.values }, { onSuccess: onClose })
      }
    >
      <Text size="sm">{t('enquiry.answersHelp')}</Text>
      <Textarea
        label={t('enquiry.answer')}
        required
        autosize
        minRows={3}
        maxLength={4000}
        {...form.getInputProps('answer')}
      />
      <TextInput label={t('enquiry.givenBy')} required maxLength={200} {...form.getInputProps('givenBy')} />
      <Group grow align="flex-start">
        <TextInput type="date" label={t('enquiry.givenOn')} required {...form.getInputProps('givenOn')} />
        <NativeSelect
          label={t('enquiry.channel')}
          data={ENQUIRY_CHANNELS.map((value) => ({ value, label: t(`enquiry.channelIs.${value}`) }))}
          {...form.getInputProps('channel')}
        />
      </Group>
    </FormDialog>
  )
}
