import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import { endpoints } from './endpoints.ts'

/** Members of an answer that speak of faces or say how alike they are. */
const OF_FACES = ['similarity', 'box', 'fivePoints', 'candidates', 'faceId', 'nameScore']
const PICTURES = /^(image|video|text\/html|application\/(pdf|zip))/

/** Open to an account that holds a line-up, and why it tells nothing about it. */
const OPEN: Record<string, string> = {
  listPeople: 'names; people of the lead are left out',
  createPerson: 'a person with no face yet',
  showPerson: 'people of the lead are not found',
  changePerson: 'people of the lead are not found',
  linkFace: 'people of the lead and faces of the line-up are not found',
  unlinkFace: 'people of the lead are not found',
  showPersonFace: 'people of the lead are not found',
  mergePeople: 'people of the lead are not found',
  splitPerson: 'people of the lead are not found',
  undoPersonChange: 'people of the lead are not found',
  listPersonPhotos: 'people of the lead are not found',
  changePersonPhoto: 'people of the lead are not found',
  showPersonPhoto: 'people of the lead are not found',
  makePoster: 'people of the lead are not found',
  listProbes: 'cases with the same probe are not found; no scores',
  showProbe: 'cases with the same probe are not found; no scores',
  showProbePicture: 'cases with the same probe are not found',
  listIdentifications: 'cases about the probe or a face of the line-up are not found',
  listLeads: 'cases about the probe or a face of the line-up are left out',
  showIdentification: 'cases about the probe or a face of the line-up are not found',
  namePerson: 'as showIdentification',
  addEvidence: 'as showIdentification',
  retractEvidence: 'as showIdentification',
  askThirdExaminer: 'as showIdentification',
  signIdentification: 'as showIdentification',
  closeIdentification: 'as showIdentification',
  withdrawIdentification: 'as showIdentification',
  showExaminationProbe: 'as showIdentification',
  showExaminationItem: 'as showIdentification',
  readReportPdf: 'as showIdentification',
  exportEvidence: 'as showIdentification',
  showLineupProbe: 'the line-up itself',
  showLineupItem: 'the line-up itself',
  importFile: 'says whether these very bytes are held; browsing is shut',
  sendPart: 'says whether these very bytes are held; browsing is shut',
  importPeople: 'names',
  showModelPack: 'the calibration of the models',
}

test('every endpoint that speaks of faces or shows pictures is shut to verifiers, or says why it need not be', () => {
  const open: string[] = []
  for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][]) {
    const reply =
      endpoint.reply === undefined
        ? ''
        : JSON.stringify(z.toJSONSchema(endpoint.reply, { unrepresentable: 'any' }))
    const speaks = OF_FACES.some((word) => reply.includes(`"${word}"`))
    const shows = PICTURES.test(endpoint.stream ?? '')
    if ((speaks || shows || endpoint.photoBody === true) && endpoint.shutToVerifiers !== true) open.push(name)
  }
  expect(open.toSorted()).toEqual(Object.keys(OPEN).toSorted())
})
