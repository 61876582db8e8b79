/** Escapes text for HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`)
}

/**
 * A self-contained page: no script, nothing fetched, dark and light by the reader's setting, printable.
 * @param body HTML whose texts are escaped already
 */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`
}

const STYLE = `
:root { color-scheme: light dark; --line: #c9ced6; --soft: #5b6472; --card: #f5f6f8; --accent: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --line: #3a414c; --soft: #a3adba; --card: #1d2127; --accent: #7fb8f2; } body { background: #14171b; color: #e7eaee; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .4rem 0; } .soft { color: var(--soft); } .caution { border-left: 4px solid var(--accent); padding: .4rem .8rem; background: var(--card); }
.pair { display: grid; grid-template-columns: 12rem 12rem 1fr; gap: 1rem; align-items: start; border: 1px solid var(--line); border-radius: 8px; padding: .75rem; margin: .75rem 0; break-inside: avoid; }
.pair img, .pair .missing { width: 12rem; height: 12rem; border-radius: 4px; object-fit: cover; background: var(--card); }
.missing { display: grid; place-items: center; color: var(--soft); }
figure { margin: 0; } figcaption { font-size: .8rem; color: var(--soft); overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .9rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: .5rem 0; } th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.rank { font-size: 1.3rem; font-weight: 600; }
.figures { display: flex; flex-wrap: wrap; gap: 1.5rem; } svg { max-width: 100%; height: auto; }
svg text { fill: currentColor; font: 12px system-ui, sans-serif; } code { overflow-wrap: anywhere; }
@media (max-width: 46rem) { .pair { grid-template-columns: 1fr 1fr; } .pair dl { grid-column: 1 / -1; } .pair img, .pair .missing { width: 100%; height: auto; aspect-ratio: 1; } }
`
