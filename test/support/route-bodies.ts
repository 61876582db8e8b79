/** Ids by kind, for the bodies of requests. */
export type Ids = (kind: string) => string

const reason = { reason: 'x' }
const suitable = { analysis: { isSuitable: true, note: 'x' } }
const sent = { recipientKind: 'court', recipient: 'x' }
const shape = { kind: 'arrow', from: { x: 1, y: 1 }, to: { x: 2, y: 2 } }
const standing = (id: Ids) => ({
  personId: id('person'),
  withFaces: false,
  probeFaces: [id('probeFace')],
  collections: [id('collection')],
})
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** Bodies that pass the shapes of the contract, by operation; of those that are not here `{}` does. */
const BODIES: Record<string, (id: Ids) => object> = {
  signInForPractice: (id) => ({ accountId: id('account') }),
  createApiKey: (id) => ({ name: 'x', scopes: ['case.read'], caseId: id('case'), days: 1 }),
  invite: (id) => ({ email: 'x@x.example', name: 'x', roles: ['examiner'], agencyId: id('agency') }),
  suspend: (id) => ({ kind: 'account', targetId: id('account'), ...reason }),
  liftSuspension: () => reason,
  changeRoles: () => ({ roles: ['examiner'] }),
  changeCase: (id) => ({ leadId: id('account') }),
  addToCase: (id) => ({ accountId: id('account') }),
  imposeHold: () => reason,
  liftHold: () => reason,
  imposeCaseHold: () => reason,
  liftCaseHold: () => reason,
  changeCollection: () => reason,
  emptyCollection: () => reason,
  eraseFromCollection: (id) => ({ media: [id('media')], ...reason }),
  beginUpload: () => ({ name: 'x.mp4', byteLength: 1 }),
  searchInCase: (id) => ({ faces: [id('probeFace')], collections: [id('collection')] }),
  compareFaces: (id) => ({ faceA: id('faceA'), faceB: id('faceB') }),
  markCandidate: () => ({ mark: 'later' }),
  addNote: (id) => ({ probeFaceId: id('probeFace'), shape, words: '' }),
  settleReview: () => ({ finding: 'in_order', note: 'x' }),
  linkFace: () => ({ link: 'same' }),
  mergePeople: (id) => ({ otherId: id('otherPerson'), ...reason }),
  splitPerson: (id) => ({ faces: [id('face')], name: 'x', ...reason }),
  undoPersonChange: () => reason,
  erasePersonPhoto: () => reason,
  addContact: () => ({
    name: 'x',
    relation: null,
    telephone: null,
    email: null,
    address: null,
    note: null,
  }),
  makePoster: (id) => ({ photoId: id('photo'), facts: [], contact: 'x', language: 'en' }),
  openEnquiry: (id) => ({
    personId: id('person'),
    enquirer: 'x',
    relation: 'x',
    telephone: null,
    email: null,
    address: null,
    receivedOn: '2022-04-02',
    channel: 'letter',
    question: 'x',
  }),
  recordAnswer: () => ({ answer: 'x', givenBy: 'x', givenOn: '2030-01-01', channel: 'letter' }),
  changeEnquiryState: () => ({ state: 'closed', ...reason }),
  saveDisappearance: () => ({
    lastSeenOn: null,
    lastSeenPlace: null,
    marks: null,
    clothing: null,
    circumstances: null,
    photoUrls: null,
    basis: 'legal',
    basisDetail: 'x',
    mayPublish: false,
    keepUntil: null,
  }),
  openIdentification: (id) => ({ probeFaceId: id('probeFace') }),
  namePerson: (id) => ({ personId: id('person') }),
  addEvidence: () => ({ kind: 'document', description: 'x' }),
  retractEvidence: () => reason,
  signIdentification: () => ({ statement: 'x' }),
  closeIdentification: () => ({ as: 'rejected', ...reason }),
  withdrawIdentification: () => reason,
  assignVerification: (id) => ({ accountId: id('account') }),
  recallVerification: () => reason,
  writeAnalysis: () => suitable,
  writeComparison: () => ({ checklist: [] }),
  writeLineupAnalysis: () => suitable,
  writeLineupComparison: () => ({ checklist: [] }),
  returnLineup: () => reason,
  makeReport: () => ({ ...sent, language: 'en' }),
  transmit: (id) => ({ ...sent, reportId: id('report'), withEvidence: true, legalBasis: 'x' }),
  recordReceipt: () => ({ receivedBy: 'x', receivedAt: '2030-01-01T00:00:00Z' }),
  previewStandingSearch: standing,
  createStandingSearch: (id) => ({
    ...standing(id),
    caseId: id('case'),
    purpose: 'find_missing_person',
    legalBasis: 'x',
    endsOn: inDays(90),
    reviewOn: inDays(30),
  }),
  changeStandingSearch: (id) => ({ collections: [id('collection')] }),
  takeAlert: (id) => ({ accountId: id('account') }),
  dismissAlert: () => reason,
  alertNotThisPerson: () => reason,
  leadFromAlert: (id) => ({ caseId: id('case') }),
  addTrackProbes: (id) => ({ searchId: id('search'), rank: 1, faceId: id('face') }),
}

/** A body that passes the shape of the contract, with ids of the wanted kinds. */
export function bodyOf(operation: string, id: Ids): object {
  return BODIES[operation]?.(id) ?? {}
}
