import { probePicture } from '../../../src/contract/client/picture-addresses.ts'
import type { Reply } from '../api.ts'

interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Around a face, as a share of its box. */
const MARGIN = 0.3
const PICTURE_PX = 1024

/** One face of a probe, cut out square. */
export function FaceCrop({
  probe,
  box,
  sizePx,
  alt = '',
}: {
  probe: Reply<'showProbe'>
  box: Box
  sizePx: number
  alt?: string
}) {
  const side = Math.max(box.width, box.height) * (1 + 2 * MARGIN)
  const scale = sizePx / side
  const left = (box.x + box.width / 2 - side / 2) * scale
  const top = (box.y + box.height / 2 - side / 2) * scale
  return (
    <div
      style={{ width: sizePx, height: sizePx, overflow: 'hidden', borderRadius: 4, background: '#808080' }}
    >
      <img
        src={probePicture(probe.id, PICTURE_PX)}
        alt={alt}
        style={{
          width: probe.widthPx * scale,
          height: probe.heightPx * scale,
          maxWidth: 'none',
          transform: `translate(${-left}px, ${-top}px)`,
        }}
      />
    </div>
  )
}
