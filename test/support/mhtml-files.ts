/** A page as Chrome saves it in one file, with pictures beside the page's address. */
export function mhtmlOf(address: string, title: string, pictures: Record<string, Buffer>): Buffer {
  const boundary = '----MultipartBoundary--abc123----'
  const names = Object.keys(pictures)
  const html = `<!DOCTYPE html><html><head><meta charset="utf-8"><title>${title}</title><link rel="stylesheet" href="cid:css-1@mhtml.blink"></head><body>${names.map((name) => `<img src="${new URL(name, address).href}">`).join('')}</body></html>`
  const parts = [
    part(address, 'text/html', 'quoted-printable', quotedPrintable(html)),
    part('cid:css-1@mhtml.blink', 'text/css', 'quoted-printable', quotedPrintable('body { margin: 0 }')),
    ...names.map((name) => part(new URL(name, address).href, 'image/jpeg', 'base64', base64(pictures[name]))),
  ]
  const head = [
    'From: <Saved by Blink>',
    `Snapshot-Content-Location: ${address}`,
    `Subject: =?utf-8?B?${Buffer.from(title).toString('base64')}?=`,
    'Date: Fri, 1 Mar 2024 12:00:00 -0000',
    'MIME-Version: 1.0',
    'Content-Type: multipart/related;',
    '\ttype="text/html";',
    `\tboundary="${boundary}"`,
    '',
    '',
  ].join('\r\n')
  return Buffer.from(`${head}${parts.map((text) => `--${boundary}\r\n${text}`).join('')}--${boundary}--\r\n`)
}

function part(location: string, type: string, encoding: string, body: string): string {
  return [
    `Content-Type: ${type}`,
    `Content-Transfer-Encoding: ${encoding}`,
    `Content-Location: ${location}`,
    '',
    body,
    '',
  ].join('\r\n')
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n')
}

function quotedPrintable(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte === 0x3d || byte > 126
        ? `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')
    .replaceAll(/(?:[^=]|=[0-9A-F]{2}){70}/g, '$&=\r\n')
}
