import '@mantine/core/styles.css'
import '@mantine/dropzone/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './app.css'
import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startTexts } from './i18n.ts'
import { router } from './router.tsx'
import { onSessionEnd, queryClient } from './session.ts'
import { PracticeMark } from './ui/practice-mark.tsx'
import { contrastVariables, theme } from './theme.ts'

await startTexts()
// A part of the app is gone because a new one was installed meanwhile: come again with the new one.
addEventListener('vite:preloadError', () => location.reload())
if ('serviceWorker' in navigator) void navigator.serviceWorker.register('/service-worker.js')

onSessionEnd((end) => {
  const { pathname, href } = router.state.location
  if (pathname === '/sign-in') return
  if (end === 'second_factor_missing') void router.navigate({ to: '/secure' })
  else if (end === 'device_not_approved') void router.navigate({ to: '/waiting' })
  else void router.navigate({ to: '/sign-in', search: { ended: end, next: href } })
})

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={contrastVariables}>
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <Notifications position="bottom-right" />
          <RouterProvider router={router} />
          <PracticeMark />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
