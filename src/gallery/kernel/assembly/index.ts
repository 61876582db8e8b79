export { configure } from './geometry'
export { encode, encodeQuery, recode } from './encode'
export { scan, touched } from './scan'
export { readThrough, samplePairs } from './sample'
