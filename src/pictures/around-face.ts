import type { Box } from '../engine/types.ts'

/** How much of the surroundings a cut-out face shows on each side, in face sizes. */
const MARGIN_SHARE = 0.45

/** The square around a face that people see of it. Pixels of the upright original; may reach past the picture. */
export function aroundFace({ x, y, width, height }: Box): Box {
  const side = Math.max(width, height) * (1 + 2 * MARGIN_SHARE)
  return { x: x + (width - side) / 2, y: y + (height - side) / 2, width: side, height: side }
}
