export { configure } from './geometry'
export { encode, encodeQuery, recode } from './encode'
export { scan } from './scan'
export { readThrough, samplePairs } from './sample'
