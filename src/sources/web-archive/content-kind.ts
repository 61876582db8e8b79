/** What bytes are, told by what they begin with: addresses and headers of archived pages often say something else. */
export type ContentKind = 'image' | 'video' | 'html' | 'css' | 'other'

const HTML_BEGINNINGS =
  /^\s*(<!--[\s\S]*?-->\s*)*<(!doctype html|html|head|body|title|meta|script|div|table|p|h1)[\s>]/i

/** @param head the first bytes, decoded @param declared Content-Type; decides only between kinds of text */
export function contentKind(head: Buffer, declared: string | undefined): ContentKind {
  const text = head.toString('latin1', 0, 64)
  if (
    text.startsWith('\u00ff\u00d8\u00ff') ||
    text.startsWith('\u0089PNG\r\n\u001a\n') ||
    text.startsWith('GIF8') ||
    text.startsWith('II*\0') ||
    text.startsWith('MM\0*') ||
    (text.startsWith('BM') && head.byteLength > 14 && head.readUInt32LE(6) === 0) ||
    (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) ||
    (text.startsWith('ftyp', 4) && /^(avif|avis|heic|heix|heim|heis|hevc|mif1|msf1)/.test(text.slice(8, 12)))
  )
    return 'image'
  if (
    text.startsWith('ftyp', 4) ||
    text.startsWith('\u001a\u0045\u00df\u00a3') ||
    (text.startsWith('RIFF') && text.startsWith('AVI ', 8)) ||
    text.startsWith('FLV\u0001') ||
    isTransportStream(head)
  )
    return 'video'
  const type = (declared ?? '').toLowerCase()
  if (type.includes('text/css')) return 'css'
  const looksLikeText = !head.subarray(0, 512).includes(0)
  if (!looksLikeText) return 'other'
  if (type.includes('html') || HTML_BEGINNINGS.test(head.toString('utf8', 0, 2048))) return 'html'
  return 'other'
}

/** MPEG-TS (ISO 13818-1): packets of 188 bytes, each beginning with 0x47. */
function isTransportStream(head: Buffer): boolean {
  return head.byteLength > 376 && head[0] === 0x47 && head[188] === 0x47 && head[376] === 0x47
}

/** Content-Type of bytes for a page that is replayed. */
export function mimeOf(head: Buffer, declared: string | undefined): string {
  const kind = contentKind(head, declared)
  const bare = (declared ?? '').split(';')[0].trim().toLowerCase()
  if (kind === 'html') return 'text/html'
  if (kind === 'css') return 'text/css'
  if (kind === 'image' || kind === 'video') {
    if (bare.startsWith(`${kind}/`)) return bare
    const text = head.toString('latin1', 0, 16)
    if (kind === 'video') return 'video/mp4'
    if (text.startsWith('\u0089PNG')) return 'image/png'
    if (text.startsWith('GIF8')) return 'image/gif'
    if (text.startsWith('RIFF')) return 'image/webp'
    return text.startsWith('ftyp', 4) ? 'image/avif' : 'image/jpeg'
  }
  return /^[\w.+-]+\/[\w.+-]+$/.test(bare) ? bare : 'application/octet-stream'
}
