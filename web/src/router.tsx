import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { z } from 'zod'
import { IDENTIFICATION_STATES } from '../../src/contract/identification-words.ts'
import { ENQUIRY_STATES } from '../../src/contract/missing-words.ts'
import { PERSON_STATUSES } from '../../src/contract/person-words.ts'
import { ALERT_STATES } from '../../src/contract/watch-words.ts'
import { ApiProblem } from './api.ts'
import { NotFoundPage } from './features/shell/not-found-page.tsx'
import { meQuery, queryClient } from './session.ts'
import { FailedPage } from './features/shell/failed-page.tsx'
import { Shell } from './features/shell/shell.tsx'

const root = createRootRoute({ notFoundComponent: NotFoundPage, errorComponent: FailedPage })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({
    ended: z.enum(['signed_out', 'cut_off']).optional().catch(undefined),
    next: z.string().startsWith('/').optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('./features/entry/sign-in-page.tsx'), 'SignInPage'),
})

const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./features/entry/welcome-page.tsx'), 'WelcomePage'),
})

const secure = createRoute({
  getParentRoute: () => root,
  path: '/secure',
  component: lazyRouteComponent(() => import('./features/entry/secure-page.tsx'), 'SecurePage'),
})

const waiting = createRoute({
  getParentRoute: () => root,
  path: '/waiting',
  component: lazyRouteComponent(() => import('./features/entry/waiting-page.tsx'), 'WaitingPage'),
})

/** Every page behind sign-in. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  beforeLoad: async ({ location }) => {
    const me = await queryClient.ensureQueryData(meQuery).catch((error: unknown) => {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error
      const next = location.href === '/' ? undefined : location.href
      throw redirect({ to: '/sign-in', search: { next } })
    })
    if (me.assurance === 'password') {
      throw redirect(me.hasSecondFactor ? { to: '/sign-in', search: {} } : { to: '/secure' })
    }
    if (me.deviceWaits) throw redirect({ to: '/waiting' })
  },
})

const home = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('./features/home/home-page.tsx'), 'HomePage'),
})

const cases = createRoute({
  getParentRoute: () => app,
  path: '/cases',
  validateSearch: z.object({ status: z.enum(['open', 'closed']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./features/cases/cases-page.tsx'), 'CasesPage'),
})

const caseFile = createRoute({
  getParentRoute: () => app,
  path: '/cases/$caseId',
  component: lazyRouteComponent(() => import('./features/cases/case-page.tsx'), 'CasePage'),
})

const ids = z.array(z.string()).optional().catch(undefined)

const newSearch = createRoute({
  getParentRoute: () => app,
  path: '/cases/$caseId/search',
  validateSearch: z.object({ probe: z.string().optional().catch(undefined), faces: ids }),
  component: lazyRouteComponent(() => import('./features/search/new-search-page.tsx'), 'NewSearchPage'),
})

const search = createRoute({
  getParentRoute: () => app,
  path: '/searches/$searchId',
  component: lazyRouteComponent(() => import('./features/search/search-page.tsx'), 'SearchPage'),
})

const compare = createRoute({
  getParentRoute: () => app,
  path: '/searches/$searchId/compare/$rank',
  component: lazyRouteComponent(() => import('./features/search/compare-page.tsx'), 'ComparePage'),
})

const leads = createRoute({
  getParentRoute: () => app,
  path: '/identifications',
  validateSearch: z.object({
    state: z.enum(IDENTIFICATION_STATES).optional().catch(undefined),
    scope: z.enum(['own', 'all']).optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('./features/identification/leads-page.tsx'), 'LeadsPage'),
})

const identification = createRoute({
  getParentRoute: () => app,
  path: '/identifications/$identificationId',
  component: lazyRouteComponent(
    () => import('./features/identification/identification-page.tsx'),
    'IdentificationPage',
  ),
})

const examination = createRoute({
  getParentRoute: () => app,
  path: '/examinations/$examinationId',
  component: lazyRouteComponent(
    () => import('./features/examination/examination-page.tsx'),
    'ExaminationPage',
  ),
})

const lineups = createRoute({
  getParentRoute: () => app,
  path: '/lineups',
  component: lazyRouteComponent(() => import('./features/examination/lineups-page.tsx'), 'LineupsPage'),
})

const lineup = createRoute({
  getParentRoute: () => app,
  path: '/lineups/$lineupId',
  component: lazyRouteComponent(() => import('./features/examination/lineup-page.tsx'), 'LineupPage'),
})

const people = createRoute({
  getParentRoute: () => app,
  path: '/people',
  validateSearch: z.object({
    name: z.string().optional().catch(undefined),
    status: z.enum(PERSON_STATUSES).optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('./features/people/people-page.tsx'), 'PeoplePage'),
})

const person = createRoute({
  getParentRoute: () => app,
  path: '/people/$personId',
  component: lazyRouteComponent(() => import('./features/people/person-page.tsx'), 'PersonPage'),
})

const enquiries = createRoute({
  getParentRoute: () => app,
  path: '/enquiries',
  validateSearch: z.object({ state: z.enum(ENQUIRY_STATES).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./features/missing/enquiries-page.tsx'), 'EnquiriesPage'),
})

const enquiry = createRoute({
  getParentRoute: () => app,
  path: '/enquiries/$enquiryId',
  component: lazyRouteComponent(() => import('./features/missing/enquiry-page.tsx'), 'EnquiryPage'),
})

const alerts = createRoute({
  getParentRoute: () => app,
  path: '/alerts',
  validateSearch: z.object({
    show: z
      .enum(['open', 'mine', 'overdue', ...ALERT_STATES])
      .optional()
      .catch(undefined),
    person: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('./features/watch/alerts-page.tsx'), 'AlertsPage'),
})

const alert = createRoute({
  getParentRoute: () => app,
  path: '/alerts/$alertId',
  component: lazyRouteComponent(() => import('./features/watch/alert-page.tsx'), 'AlertPage'),
})

const standingSearches = createRoute({
  getParentRoute: () => app,
  path: '/standing-searches',
  component: lazyRouteComponent(
    () => import('./features/watch/standing-searches-page.tsx'),
    'StandingSearchesPage',
  ),
})

const verification = createRoute({
  getParentRoute: () => app,
  path: '/verification',
  validateSearch: z.object({ case: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(
    () => import('./features/verification/verification-page.tsx'),
    'VerificationPage',
  ),
})

const collections = createRoute({
  getParentRoute: () => app,
  path: '/collections',
  component: lazyRouteComponent(
    () => import('./features/collections/collections-page.tsx'),
    'CollectionsPage',
  ),
})

const collection = createRoute({
  getParentRoute: () => app,
  path: '/collections/$collectionId',
  validateSearch: z.object({
    tab: z.enum(['media', 'import', 'grants', 'retention']).optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('./features/collections/collection-page.tsx'), 'CollectionPage'),
})

const media = createRoute({
  getParentRoute: () => app,
  path: '/collections/$collectionId/media/$mediaId',
  component: lazyRouteComponent(() => import('./features/collections/media-page.tsx'), 'MediaPage'),
})

const reviews = createRoute({
  getParentRoute: () => app,
  path: '/reviews',
  validateSearch: z.object({ state: z.enum(['open', 'done']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./features/oversight/reviews-page.tsx'), 'ReviewsPage'),
})

const month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
  .optional()
  .catch(undefined)

const statistics = createRoute({
  getParentRoute: () => app,
  path: '/statistics',
  validateSearch: z.object({ from: month, to: month }),
  component: lazyRouteComponent(() => import('./features/oversight/statistics-page.tsx'), 'StatisticsPage'),
})

const model = createRoute({
  getParentRoute: () => app,
  path: '/model',
  component: lazyRouteComponent(() => import('./features/oversight/model-page.tsx'), 'ModelPage'),
})

const accounts = createRoute({
  getParentRoute: () => app,
  path: '/administration',
  component: lazyRouteComponent(
    () => import('./features/administration/administration-page.tsx'),
    'AdministrationPage',
  ),
})

const audit = createRoute({
  getParentRoute: () => app,
  path: '/audit',
  validateSearch: z.object({
    action: z.string().optional().catch(undefined),
    outcome: z.enum(['done', 'refused', 'failed']).optional().catch(undefined),
    since: z.string().optional().catch(undefined),
    until: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('./features/oversight/audit-page.tsx'), 'AuditPage'),
})

const account = createRoute({
  getParentRoute: () => app,
  path: '/account',
  component: lazyRouteComponent(() => import('./features/account/account-page.tsx'), 'AccountPage'),
})

/** Every address of the app. Pages come in parts of their own when they are first gone to. */
export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    welcome,
    secure,
    waiting,
    app.addChildren([
      home,
      cases,
      caseFile,
      newSearch,
      search,
      compare,
      leads,
      identification,
      examination,
      lineups,
      lineup,
      people,
      person,
      enquiries,
      enquiry,
      alerts,
      alert,
      standingSearches,
      verification,
      collections,
      collection,
      media,
      reviews,
      statistics,
      model,
      accounts,
      audit,
      account,
    ]),
  ]),
  defaultPreload: false,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
