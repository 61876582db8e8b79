import { accountEndpoints } from './account-endpoints.ts'
import { auditEndpoints } from './audit-endpoints.ts'
import { browseEndpoints } from './browse-endpoints.ts'
import { caseEndpoints } from './case-endpoints.ts'
import { collectionEndpoints } from './collection-endpoints.ts'
import { examinationEndpoints } from './examination-endpoints.ts'
import { identificationEndpoints } from './identification-endpoints.ts'
import { importEndpoints } from './import-endpoints.ts'
import { jobEndpoints } from './job-endpoints.ts'
import { markEndpoints } from './mark-endpoints.ts'
import { missingEndpoints } from './missing-endpoints.ts'
import { modelEndpoints } from './model-endpoints.ts'
import { noticeEndpoints } from './notice-endpoints.ts'
import { oversightEndpoints } from './oversight-endpoints.ts'
import { personEndpoints } from './person-endpoints.ts'
import { reportEndpoints } from './report-endpoints.ts'
import { searchEndpoints } from './search-endpoints.ts'
import { sessionEndpoints } from './session-endpoints.ts'
import { watchEndpoints } from './watch-endpoints.ts'
import { videoEndpoints } from './video-endpoints.ts'

/** Where every path begins. */
export const API_PREFIX = '/api/v1'

/** The whole API by the names of its operations. */
export const endpoints = {
  ...sessionEndpoints,
  ...accountEndpoints,
  ...caseEndpoints,
  ...collectionEndpoints,
  ...browseEndpoints,
  ...importEndpoints,
  ...jobEndpoints,
  ...searchEndpoints,
  ...markEndpoints,
  ...auditEndpoints,
  ...oversightEndpoints,
  ...personEndpoints,
  ...missingEndpoints,
  ...identificationEndpoints,
  ...examinationEndpoints,
  ...reportEndpoints,
  ...modelEndpoints,
  ...watchEndpoints,
  ...noticeEndpoints,
  ...videoEndpoints,
}

export type EndpointName = keyof typeof endpoints
