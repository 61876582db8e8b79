/** 8-bit RGB, interleaved, row by row: `data.length === width * height * 3`. */
export interface Raster {
  data: Uint8Array
  width: number
  height: number
}

/**
 * Similarity transform from an output picture to a source picture:
 * `x' = a x - b y + tx`, `y' = b x + a y + ty`; scale `hypot(a, b)`, rotation `atan2(b, a)`.
 */
export interface Similarity {
  a: number
  b: number
  tx: number
  ty: number
}
