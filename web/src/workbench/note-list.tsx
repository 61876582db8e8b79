import { ActionIcon, Button, Group, Modal, Paper, Stack, Text, Textarea, Title } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../session.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { useFormats } from '../ui/use-formats.ts'
import type { Notes } from './use-notes.ts'

/** What the notes say, by their numbers on the pictures. */
export function NoteList({ notes }: { notes: Notes }) {
  const { t } = useTranslation()
  const format = useFormats()
  const me = useMe()
  if (notes.all.length === 0 && notes.error === null) return null
  return (
    <Paper withBorder p="sm" component="section" aria-label={t('note.title')}>
      <Stack gap="xs">
        <Title order={2}>{t('note.title')}</Title>
        <ProblemAlert error={notes.error} />
        {notes.all.map((note, at) => (
          <Group key={note.id} wrap="nowrap" align="flex-start" gap="xs">
            <Text size="sm" fw={600} className="numbers">
              {at + 1}
            </Text>
            <div style={{ flex: 1, minWidth: 0 }}>
              <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
                {note.words === '' ? t('note.wordless') : note.words}
              </Text>
              <Text size="xs" c="dimmed">
                {t(note.picture === 'probe' ? 'compare.probe' : 'compare.candidate')} · {note.notedBy},{' '}
                {format.time(note.notedAt)}
              </Text>
            </div>
            {note.accountId === me.accountId && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('note.remove', { number: at + 1 })}
                onClick={() => notes.remove(note.id)}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        ))}
      </Stack>
    </Paper>
  )
}

/** Asks what a note that was just drawn says. */
export function NoteWords({
  opened,
  error,
  onClose,
  onKeep,
}: {
  opened: boolean
  error: Error | null
  onClose: () => void
  onKeep: (words: string) => void
}) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('note.words')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <WordsForm error={error} onClose={onClose} onKeep={onKeep} />
    </Modal>
  )
}

function WordsForm({
  error,
  onClose,
  onKeep,
}: {
  error: Error | null
  onClose: () => void
  onKeep: (words: string) => void
}) {
  const { t } = useTranslation()
  const [words, setWords] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onKeep(words)
      }}
    >
      <Stack>
        <Textarea
          label={t('note.says')}
          description={t('note.help')}
          autosize
          minRows={2}
          maxLength={500}
          data-autofocus
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <ProblemAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit">{t('note.keep')}</Button>
        </Group>
      </Stack>
    </form>
  )
}
