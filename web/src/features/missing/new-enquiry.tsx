import { Group, NativeSelect, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ENQUIRY_CHANNELS, type EnquiryChannel } from '../../../../src/contract/missing-words.ts'
import { useApi } from '../../api.ts'
import { PersonPicker } from '../people/person-picker.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { today } from '../../../../src/contract/dates.ts'

const FIRST_CHANNEL: EnquiryChannel = 'letter'
const EMPTY = {
  enquirer: '',
  relation: '',
  telephone: '',
  email: '',
  address: '',
  channel: FIRST_CHANNEL,
  question: '',
}

/** Writes down what somebody asks about a person; with `personId` about that one. */
export function NewEnquiry({
  personId,
  onClose,
  onOpened,
}: {
  personId: string | undefined
  onClose: () => void
  onOpened: (id: string) => void
}) {
  const { t } = useTranslation()
  const open = useApi('openEnquiry', ['listEnquiries'])
  const [key] = useState(() => crypto.randomUUID())
  const [chosen, setChosen] = useState(personId)
  const [thisDay] = useState(today)
  const form = useForm({ initialValues: { ...EMPTY, receivedOn: thisDay } })
  const send = (): void => {
    if (chosen === undefined) return
    const { telephone, email, address, ...rest } = form.values
    const body = {
      ...rest,
      personId: chosen,
      telephone: orNull(telephone),
      email: orNull(email),
      address: orNull(address),
    }
    open.mutate({ body, idempotencyKey: key }, { onSuccess: ({ id }) => onOpened(id) })
  }
  return (
    <FormDialog
      title={t('enquiry.new')}
      act={t('enquiry.new')}
      opened
      size="xl"
      busy={open.isPending}
      error={open.error}
      disabled={chosen === undefined}
      onClose={onClose}
      onSubmit={send}
    >
      {personId === undefined && (
        <>
          <Text size="sm">{t('enquiry.choosePerson')}</Text>
          <PersonPicker chosen={chosen} onChoose={setChosen} />
        </>
      )}
      <Group grow align="flex-start">
        <TextInput
          label={t('enquiry.enquirer')}
          required
          maxLength={200}
          {...form.getInputProps('enquirer')}
        />
        <TextInput
          label={t('enquiry.relation')}
          required
          maxLength={200}
          {...form.getInputProps('relation')}
        />
      </Group>
      <Group grow align="flex-start">
        <TextInput label={t('contact.telephone')} maxLength={200} {...form.getInputProps('telephone')} />
        <TextInput label={t('contact.email')} maxLength={200} {...form.getInputProps('email')} />
        <TextInput label={t('contact.address')} maxLength={4000} {...form.getInputProps('address')} />
      </Group>
      <Group grow align="flex-start">
        <TextInput
          type="date"
          label={t('enquiry.receivedOn')}
          required
          {...form.getInputProps('receivedOn')}
        />
        <NativeSelect
          label={t('enquiry.channel')}
          data={ENQUIRY_CHANNELS.map((value) => ({ value, label: t(`enquiry.channelIs.${value}`) }))}
          {...form.getInputProps('channel')}
        />
      </Group>
      <Textarea
        label={t('enquiry.question')}
        required
        autosize
        minRows={3}
        maxLength={4000}
        {...form.getInputProps('question')}
      />
    </FormDialog>
  )
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text
}
