import { expect, test } from 'vitest'
import { renderPage } from './replay-page.ts'

const SPY = 'https://spy.example/seen'

async function rendered(html: string): Promise<string> {
  const page = {
    url: 'https://a.example/',
    capturedAt: '2024-01-01T00:00:00Z',
    mime: 'text/html',
    place: { at: 0 },
  }
  const request = {
    page,
    kind: 'warc' as const,
    picture: 'https://a.example/none.jpg',
    resources: {},
    showsPictures: true,
  }
  return (await renderPage(request, async () => ({ bytes: Buffer.from(html) }))).html
}

test.each([
  ['escaped in hexadecimal', `\\75rl(${SPY})`],
  ['escaped with a space after it', `u\\72 l(${SPY})`],
  ['escaped with zeros before it', `\\000075\\000072\\00006c(${SPY})`],
  ['escaped as the letter itself', `u\\rl(${SPY})`],
  ['in capitals, escaped', `\\55RL("${SPY}")`],
  ['without an end', `url(${SPY}`],
  ['with a quote that is escaped', `url("${SPY}\\"")`],
  ['longer than any is', `url(${SPY}?${'x'.repeat(70_000)})`],
  ['of a set of strings, escaped', `image\\2dset("${SPY}" 1x)`],
])('an address of a stylesheet that is %s is none to a browser', async (_, address) => {
  for (const html of [
    `<style>body{background:${address}}</style>`,
    `<p style='background:${address.replaceAll("'", '&#39;').replaceAll('"', '&quot;')}'>x</p>`,
    ...['fill', 'filter', 'mask', 'clip-path', 'stroke', 'marker-end', 'cursor'].map(
      (name) => `<svg><rect ${name}='${address.replaceAll('"', '&quot;')}'/></svg>`,
    ),
    `<svg><animate attributeName="fill" values='${address.replaceAll('"', '&quot;')}'/></svg>`,
  ]) {
    const shown = (await rendered(html)).replaceAll('likeness-none(', 'none ').replaceAll('&quot;', '"')
    expect(/(url|image-set)\s*\((?!["']?(data:,|#))/i.test(unescaped(shown)), shown.slice(0, 400)).toBe(false)
  }
})

test.each([`@\\69mport "${SPY}";`, `@import url(${SPY}`, `@\\000049MPORT "${SPY}"`])(
  'a stylesheet that brings another in another way brings none: %s',
  async (rule) => {
    expect(unescaped(await rendered(`<style>${rule}</style>`))).not.toMatch(/@import/i)
  },
)

test('parts of the page itself stay, and what is escaped in texts', async () => {
  const html = await rendered(
    `<style>.a\\:b{color:red}p::before{content:"\\201C"}</style><svg><rect fill="url(#grey)"/></svg>`,
  )
  expect(html).toContain('.a\\:b{color:red}p::before{content:"\\201C"}')
  expect(html).toContain('fill="url(#grey)"')
})

/** As a browser reads it: every escape of a letter, wherever it stands. */
function unescaped(text: string): string {
  return text.replaceAll(/\\0{0,4}([0-9a-f]{2})\s?/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
