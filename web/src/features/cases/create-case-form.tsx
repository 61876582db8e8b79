import { Button, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { CallInput } from '../../../../src/contract/client/api-client.ts'
import { CASE_PURPOSES } from '../../../../src/contract/case-purposes.ts'
import { useApi } from '../../api.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** Opens a case and goes there. */
export function CreateCase({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('case.create')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <CreateCaseForm onClose={onClose} />
    </Modal>
  )
}

function CreateCaseForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const create = useApi('createCase', ['listCases'])
  const form = useForm<Required<CallInput<'createCase'>['body']>>({
    initialValues: {
      number: '',
      title: '',
      purpose: 'find_missing_person',
      legalBasis: '',
      retentionUntil: '',
    },
  })
  const submit = form.onSubmit(async ({ retentionUntil, ...values }) => {
    const body = { ...values, ...(retentionUntil === '' ? {} : { retentionUntil }) }
    const made = await create.mutateAsync({ body }).catch(() => undefined)
    if (made === undefined) return
    onClose()
    await navigate({ to: '/cases/$caseId', params: { caseId: made.id } })
  })
  return (
    <form onSubmit={submit}>
      <Stack>
        <Group grow align="flex-start">
          <TextInput
            label={t('case.number')}
            description={t('case.numberHelp')}
            required
            maxLength={200}
            data-autofocus
            {...form.getInputProps('number')}
          />
          <NativeSelect
            label={t('case.purpose')}
            description={t('case.purposeHelp')}
            data={CASE_PURPOSES.map((value) => ({ value, label: t(`purpose.${value}`) }))}
            {...form.getInputProps('purpose')}
          />
        </Group>
        <TextInput label={t('case.title')} required maxLength={200} {...form.getInputProps('title')} />
        <Textarea
          label={t('case.legalBasis')}
          description={t('case.legalBasisHelp')}
          required
          autosize
          minRows={2}
          maxLength={4000}
          {...form.getInputProps('legalBasis')}
        />
        <TextInput
          type="date"
          label={t('case.retention')}
          description={t('case.retentionHelp')}
          {...form.getInputProps('retentionUntil')}
        />
        <ProblemAlert error={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('case.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
