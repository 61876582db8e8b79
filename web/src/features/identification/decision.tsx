import { Alert, Button, Group, Paper, Radio, Stack, Text, Textarea, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '../../api.ts'
import { useMay } from '../../session.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ReasonDialog } from '../../ui/reason-dialog.tsx'
import { useFormats } from '../../ui/use-formats.ts'
import { STALE, type Identification } from './identification.ts'
import { ToldList } from './told-list.tsx'
import { ReasonField } from '../../ui/reason-field.tsx'

/** What a supervisor decided, or can decide now. */
export function Decision({ identification }: { identification: Identification }) {
  const { t } = useTranslation()
  const format = useFormats()
  const may = useMay()
  const [asking, setAsking] = useState<'sign' | 'close' | 'withdraw'>()
  const stop = (): void => setAsking(undefined)
  const withdraw = useApi('withdrawIdentification', STALE)
  const { id, state, missing, signed, closed, withdrawn } = identification
  const isOpen = state === 'lead' || state === 'corroborated'
  const mayDecide = may('identification.sign')
  if (!mayDecide && signed === null && closed === null && withdrawn === null) return null
  return (
    <Paper withBorder p="md" component="section" aria-label={t('ident.decision')}>
      <Stack gap="sm">
        <Title order={2}>{t('ident.decision')}</Title>
        {signed !== null && (
          <Said
            title={t('ident.signedBy', { name: signed.by, at: format.time(signed.at) })}
            text={signed.statement}
          />
        )}
        {closed !== null && (
          <Said
            title={t('ident.closedBy', {
              as: t(`term.states.${closed.as}`),
              name: closed.by,
              at: format.time(closed.at),
            })}
            text={closed.reason}
          />
        )}
        {withdrawn !== null && (
          <>
            <Said
              title={t('ident.withdrawnBy', { name: withdrawn.by, at: format.time(withdrawn.at) })}
              text={withdrawn.reason}
            />
            <Alert color="red" title={t('ident.toTell')}>
              <ToldList told={withdrawn.told} />
            </Alert>
          </>
        )}
        {mayDecide && withdrawn === null && (
          <Group gap="xs">
            {isOpen && (
              <Button disabled={missing.length > 0} onClick={() => setAsking('sign')}>
                {t('ident.sign')}
              </Button>
            )}
            {isOpen && (
              <Button variant="default" onClick={() => setAsking('close')}>
                {t('ident.close')}
              </Button>
            )}
            <Button variant="default" color="red" onClick={() => setAsking('withdraw')}>
              {t('ident.withdraw')}
            </Button>
          </Group>
        )}
        {mayDecide && isOpen && missing.length > 0 && (
          <Text size="xs" c="dimmed">
            {t('ident.signLater')}
          </Text>
        )}
      </Stack>
      {asking === 'sign' && <SignDialog id={id} onClose={stop} />}
      {asking === 'close' && <CloseDialog id={id} onClose={stop} />}
      <ReasonDialog
        opened={asking === 'withdraw'}
        title={t('ident.withdraw')}
        warning={t('ident.withdrawHelp')}
        act={t('ident.withdraw')}
        busy={withdraw.isPending}
        error={withdraw.error}
        onClose={stop}
        onReason={(reason) => withdraw.mutate({ params: { id }, body: { reason } }, { onSuccess: stop })}
      />
    </Paper>
  )
}

function Said({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <Text size="sm" fw={500}>
        {title}
      </Text>
      <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>
        {text}
      </Text>
    </div>
  )
}

function SignDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation()
  const sign = useApi('signIdentification', STALE)
  const [statement, setStatement] = useState('')
  return (
    <FormDialog
      title={t('ident.sign')}
      act={t('ident.sign')}
      opened
      size="lg"
      busy={sign.isPending}
      error={sign.error}
      onClose={onClose}
      onSubmit={() => sign.mutate({ params: { id }, body: { statement } }, { onSuccess: onClose })}
    >
      <Alert color="yellow">{t('ident.signHelp')}</Alert>
      <Textarea
        label={t('ident.statement')}
        description={t('ident.statementHelp')}
        required
        autosize
        minRows={3}
        maxLength={4000}
        value={statement}
        onChange={(event) => setStatement(event.currentTarget.value)}
      />
    </FormDialog>
  )
}

function CloseDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation()
  const close = useApi('closeIdentification', STALE)
  const [as, setAs] = useState<'rejected' | 'inconclusive'>()
  const [reason, setReason] = useState('')
  return (
    <FormDialog
      title={t('ident.close')}
      act={t('ident.close')}
      opened
      busy={close.isPending}
      error={close.error}
      disabled={as === undefined}
      onClose={onClose}
      onSubmit={() => {
        if (as !== undefined) close.mutate({ params: { id }, body: { as, reason } }, { onSuccess: onClose })
      }}
    >
      <Radio.Group
        label={t('ident.closeAs')}
        required
        value={as ?? ''}
        onChange={(value) => setAs(value as typeof as)}
      >
        <Stack gap={6} mt={6}>
          {(['rejected', 'inconclusive'] as const).map((one) => (
            <Radio key={one} value={one} label={t(`term.states.${one}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <ReasonField reason={reason} onReason={setReason} />
    </FormDialog>
  )
}
