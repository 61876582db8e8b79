export interface Calibration {
  pairs: number
}
