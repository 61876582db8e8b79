import { Alert, Checkbox, Radio, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { POSTER_FACTS, type PosterFact } from '../../../../src/contract/missing-words.ts'
import { useApi, type Reply } from '../../api.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { LanguageSelect } from '../../ui/language-select.tsx'

/** A poster of a photo and facts whose publication was agreed to; the service refuses anything else. */
export function PosterDialog({
  person,
  photos,
  onClose,
}: {
  person: Reply<'showPerson'>
  photos: Reply<'listPersonPhotos'>
  onClose: () => void
}) {
  const { t, i18n } = useTranslation()
  const make = useApi('makePoster')
  const allowed = photos.filter(({ mayPublish }) => mayPublish)
  const [photoId, setPhotoId] = useState(allowed.at(-1)?.id)
  const [facts, setFacts] = useState<PosterFact[]>([...POSTER_FACTS])
  const [contact, setContact] = useState('')
  const [language, setLanguage] = useState<'en' | 'uk'>(i18n.language === 'uk' ? 'uk' : 'en')
  const keep = async (response: Response): Promise<void> => {
    saveFile(await response.blob(), `poster-${person.ref ?? person.id}.pdf`)
    onClose()
  }
  const send = (): void => {
    if (photoId === undefined) return
    make.mutate(
      { params: { id: person.id }, body: { photoId, facts, contact, language } },
      {
        onSuccess: (response) => void keep(response),
      },
    )
  }
  return (
    <FormDialog
      title={t('missing.poster')}
      act={t('missing.makePoster')}
      opened
      size="lg"
      busy={make.isPending}
      error={make.error}
      disabled={photoId === undefined}
      onClose={onClose}
      onSubmit={send}
    >
      {allowed.length === 0 ? (
        <Alert color="yellow">{t('missing.noPublicPhoto')}</Alert>
      ) : (
        <Radio.Group label={t('missing.posterPhoto')} value={photoId ?? ''} onChange={setPhotoId}>
          <Stack gap={6} mt={6}>
            {allowed.map(({ id, takenOn, note }) => (
              <Radio
                key={id}
                value={id}
                label={takenOn === null ? t('missing.takenUnknown') : t('missing.taken', { date: takenOn })}
                description={note}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
      <Checkbox.Group
        label={t('missing.posterFacts')}
        value={facts}
        onChange={(values) => setFacts(POSTER_FACTS.filter((fact) => values.includes(fact)))}
      >
        <Stack gap={6} mt={6}>
          {POSTER_FACTS.map((fact) => (
            <Checkbox key={fact} value={fact} label={t(`missing.fact.${fact}`)} />
          ))}
        </Stack>
      </Checkbox.Group>
      <TextInput
        label={t('missing.posterContact')}
        description={t('missing.posterContactHelp')}
        required
        maxLength={200}
        value={contact}
        onChange={(event) => setContact(event.currentTarget.value)}
      />
      <LanguageSelect value={language} onChange={setLanguage} />
    </FormDialog>
  )
}
