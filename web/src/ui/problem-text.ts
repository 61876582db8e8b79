import { useTranslation } from 'react-i18next'
import { ApiProblem } from '../api.ts'
import type { en } from '../texts/en.ts'

/** Codes whose detail says more than the code's own sentence. */
const DETAILED = new Set([
  'bad_input',
  'unreadable_input',
  'conflict',
  'limit_exceeded',
  'quota_reached',
  'too_many_requests',
])

type ErrorText = Exclude<keyof (typeof en)['error'], 'request'>

/** Makes a sentence of anything thrown, by its code; with the service's own words where they say more. */
export function useProblemText(): (error: unknown) => { sentence: string; detail?: string } {
  const { t, i18n } = useTranslation()
  return (error) => {
    if (!(error instanceof ApiProblem)) {
      return { sentence: error instanceof TypeError ? t('error.unreachable') : t('error.internal') }
    }
    const code = (i18n.exists(`error.${error.code}`) ? error.code : 'internal') as ErrorText
    const sentence = t(`error.${code}`)
    return DETAILED.has(error.code) ? { sentence, detail: error.message } : { sentence }
  }
}
