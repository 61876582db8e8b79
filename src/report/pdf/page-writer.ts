import { drawLayout, layOut, type Layout } from './text-layout.ts'
import { type Pdf, type Weight } from './pdf-document.ts'

/** A4 in points. */
const PAGE_WIDTH = 595.28
const PAGE_HEIGHT = 841.89
const MARGIN = 48
const TOP = 64
const BOTTOM = PAGE_HEIGHT - 62
const BODY_SIZE = 9
const SMALL_SIZE = 7.5
const CELL_PADDING = 3
const LABEL_WIDTH = 150

const INK = '#1a1a1a'
const FAINT = '#666666'
const RULE = '#c8c8c8'
const HEAD_FILL = '#eeeeee'
const WATERMARK = '#999999'
const WATERMARK_OPACITY = 0.16
const WATERMARK_SIZE = 30
const WATERMARK_DEGREES = -52

export const CONTENT_WIDTH = PAGE_WIDTH - 2 * MARGIN
const PAGE_NUMBER_WIDTH = 120
/** The head stands left of the page's number. */
const HEAD_WIDTH = CONTENT_WIDTH - PAGE_NUMBER_WIDTH
const HEAD_TOP = 30

export interface PageFrame {
  /** Upper left, on each page. */
  head: string
  /** Below, on each page. */
  foot: string
  /** Across each page. */
  watermark: string
  /** 'Page', 'of' in the report's language. */
  page: string
  of: string
}

/** A column of a table: title and share of the width. */
export interface Column {
  title: string
  share: number
}

/** Writes a report's pages from top to bottom, and opens a new page where one is full. */
export class PageWriter {
  readonly pdf: Pdf
  readonly #frame: PageFrame
  /** Where text begins on a page: below its head, however long the recipient's name is. */
  readonly #top: number
  #y = 0

  constructor(pdf: Pdf, frame: PageFrame) {
    this.pdf = pdf
    this.#frame = frame
    pdf.addPage({ size: [PAGE_WIDTH, PAGE_HEIGHT], margin: 0 })
    const { height } = this.#layOut(frame.head, HEAD_WIDTH, SMALL_SIZE, 400)
    this.#top = Math.max(TOP, HEAD_TOP + height + 8)
    this.#furnish()
  }

  /** The title of the report, or of a section; stays with what follows it. */
  heading(text: string, level: 1 | 2 | 3): void {
    const size = level === 1 ? 18 : level === 2 ? 13 : 10
    const layout = this.#layOut(text, CONTENT_WIDTH, size, 700)
    this.#y += level === 1 ? 0 : level === 2 ? 14 : 8
    this.#need(layout.height + 60)
    this.#draw(layout, MARGIN)
    this.#y += layout.height + (level === 2 ? 2 : 3)
    if (level !== 2) return
    this.pdf
      .moveTo(MARGIN, this.#y)
      .lineTo(PAGE_WIDTH - MARGIN, this.#y)
      .lineWidth(0.8)
      .stroke(RULE)
    this.#y += 6
  }

  paragraph(text: string, options: { weight?: Weight; small?: boolean } = {}): void {
    const size = options.small === true ? SMALL_SIZE : BODY_SIZE
    const layout = this.#layOut(text, CONTENT_WIDTH, size, options.weight ?? 400)
    // Line by line, so that a long text runs on to the next page.
    for (const line of layout.lines) {
      this.#need(layout.lineHeight)
      this.#draw({ ...layout, lines: [line] }, MARGIN)
      this.#y += layout.lineHeight
    }
    this.#y += 4
  }

  /** A text in a frame, for what nobody may pass over. */
  notice(text: string): void {
    const padding = 8
    const layout = this.#layOut(text, CONTENT_WIDTH - 2 * padding, BODY_SIZE, 700)
    // One frame a page, when it is longer than a page.
    const most = Math.max(1, Math.floor((BOTTOM - this.#top - 2 * padding - 6) / layout.lineHeight))
    for (let from = 0; from < layout.lines.length; from += most) {
      const part = withLines(layout, layout.lines.slice(from, from + most))
      const height = part.height + 2 * padding
      this.#need(height + 6)
      this.pdf.rect(MARGIN, this.#y, CONTENT_WIDTH, height).lineWidth(1).fillAndStroke('#fff8e6', '#b58900')
      drawLayout(this.pdf.fillColor(INK), part, MARGIN + padding, this.#y + padding)
      this.#y += height + 8
    }
  }

  /** Names with values, one a line. */
  facts(rows: readonly (readonly [string, string])[]): void {
    for (const [label, value] of rows) {
      const left = this.#layOut(label, LABEL_WIDTH - 8, BODY_SIZE, 400)
      const right = this.#layOut(value === '' ? '—' : value, CONTENT_WIDTH - LABEL_WIDTH, BODY_SIZE, 400)
      const height = Math.max(left.height, right.height) + 2
      this.#need(Math.min(height, BOTTOM - this.#top))
      drawLayout(this.pdf.fillColor(FAINT), left, MARGIN, this.#y)
      this.#rows(right, MARGIN + LABEL_WIDTH)
      this.#y += Math.max(0, left.height - right.height) + 2
    }
    this.#y += 4
  }

  /** A table whose head stands again on each page that it runs on to. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const total = columns.reduce((sum, { share }) => sum + share, 0)
    const widths = columns.map(({ share }) => (share / total) * CONTENT_WIDTH)
    const head = this.#cells(
      columns.map(({ title }) => title),
      widths,
      700,
    )
    const headHeight = heightOf(head)
    const fullHeight = BOTTOM - this.#top - headHeight
    const drawHead = (): void => {
      this.pdf.rect(MARGIN, this.#y, CONTENT_WIDTH, headHeight).fill(HEAD_FILL)
      this.#drawCells(head, widths, headHeight)
    }
    this.#need(headHeight + 24)
    drawHead()
    for (const row of rows) {
      const cells = this.#cells(row, widths, 400)
      // A row that is taller than a page runs on to the next, line by line.
      for (let part = cells; part.some(({ lines }) => lines.length > 0);) {
        if (this.#y + Math.min(heightOf(part), fullHeight) > BOTTOM) {
          this.#openPage()
          drawHead()
        }
        const [now, later] = splitCells(part, BOTTOM - this.#y)
        this.#drawCells(now, widths, heightOf(now))
        part = later
      }
    }
    this.#y += 8
  }

  /**
   * Pictures side by side, with captions below. `draw` may mark something on each: it gets the picture's place.
   * @param pictures JPEG bytes and their shape, width by height
   */
  pictures(
    pictures: readonly {
      image: object
      caption: string
      aspect: number
      draw?: (left: number, top: number, width: number, height: number) => void
    }[],
    maxHeight: number,
  ): void {
    const gap = 12
    const width = (CONTENT_WIDTH - gap * (pictures.length - 1)) / pictures.length
    const captions = pictures.map(({ caption }) => this.#layOut(caption, width, SMALL_SIZE, 400))
    const sizes = pictures.map(({ aspect }) => {
      const height = Math.min(maxHeight, width / aspect)
      return { width: height * aspect, height }
    })
    const pictureHeight = Math.max(...sizes.map(({ height }) => height))
    const height = pictureHeight + Math.max(...captions.map((layout) => layout.height)) + 10
    this.#need(height)
    pictures.forEach(({ image, draw }, at) => {
      const left = MARGIN + at * (width + gap)
      const size = sizes[at]
      this.pdf.image(image as never, left, this.#y, { width: size.width, height: size.height })
      draw?.(left, this.#y, size.width, size.height)
      drawLayout(this.pdf.fillColor(FAINT), captions[at], left, this.#y + pictureHeight + 4)
    })
    this.#y += height
  }

  /** Numbers the pages, once all are there. */
  finish(): void {
    const { start, count } = this.pdf.bufferedPageRange()
    for (let at = 0; at < count; at++) {
      this.pdf.switchToPage(start + at)
      const { page, of } = this.#frame
      const layout = layOut(this.pdf, `${page} ${at + 1} ${of} ${count}`, PAGE_NUMBER_WIDTH, SMALL_SIZE)
      const width = layout.lines[0].reduce((sum, run) => sum + run.width, 0)
      drawLayout(this.pdf.fillColor(FAINT), layout, PAGE_WIDTH - MARGIN - width, HEAD_TOP)
    }
  }

  #layOut(text: string, width: number, size: number, weight: Weight): Layout {
    return layOut(this.pdf, text, width, size, weight)
  }

  #draw(layout: Layout, x: number): void {
    drawLayout(this.pdf.fillColor(INK), layout, x, this.#y)
  }

  /** Draws a laid out text line by line, over pages when need be. */
  #rows(layout: Layout, x: number): void {
    for (const line of layout.lines) {
      this.#need(layout.lineHeight)
      this.#draw({ ...layout, lines: [line] }, x)
      this.#y += layout.lineHeight
    }
  }

  #cells(texts: readonly string[], widths: readonly number[], weight: Weight): Layout[] {
    return texts.map((text, at) =>
      this.#layOut(text === '' ? '—' : text, widths[at] - 2 * CELL_PADDING, SMALL_SIZE, weight),
    )
  }

  #drawCells(cells: readonly Layout[], widths: readonly number[], height: number): void {
    let left = MARGIN
    cells.forEach((layout, at) => {
      drawLayout(this.pdf.fillColor(INK), layout, left + CELL_PADDING, this.#y + CELL_PADDING)
      left += widths[at]
    })
    this.#y += height
    this.pdf
      .moveTo(MARGIN, this.#y)
      .lineTo(PAGE_WIDTH - MARGIN, this.#y)
      .lineWidth(0.4)
      .stroke(RULE)
  }

  #need(height: number): void {
    if (this.#y + height > BOTTOM && this.#y > this.#top) this.#openPage()
  }

  #openPage(): void {
    this.pdf.addPage({ size: [PAGE_WIDTH, PAGE_HEIGHT], margin: 0 })
    this.#furnish()
  }

  /** Watermark, head and foot of a new page. */
  #furnish(): void {
    this.#y = this.#top
    const { head, foot, watermark } = this.#frame
    const mark = layOut(this.pdf, watermark, PAGE_HEIGHT * 0.9, WATERMARK_SIZE)
    this.pdf
      .save()
      .rotate(WATERMARK_DEGREES, { origin: [PAGE_WIDTH / 2, PAGE_HEIGHT / 2] })
      .fillColor(WATERMARK, WATERMARK_OPACITY)
    mark.lines.forEach((line, at) => {
      const width = line.reduce((sum, run) => sum + run.width, 0)
      const y = PAGE_HEIGHT / 2 - mark.height / 2 + at * mark.lineHeight
      drawLayout(this.pdf, { ...mark, lines: [line] }, PAGE_WIDTH / 2 - width / 2, y)
    })
    this.pdf.restore().fillColor(FAINT, 1)
    drawLayout(this.pdf, this.#layOut(head, HEAD_WIDTH, SMALL_SIZE, 400), MARGIN, HEAD_TOP)
    const footer = this.#layOut(foot, CONTENT_WIDTH, 6.5, 400)
    drawLayout(this.pdf.fillColor(FAINT), footer, MARGIN, PAGE_HEIGHT - 24 - footer.height)
    this.pdf.fillColor(INK)
  }
}

function heightOf(cells: readonly Layout[]): number {
  return Math.max(...cells.map(({ height }) => height)) + 2 * CELL_PADDING
}

function withLines(layout: Layout, lines: Layout['lines']): Layout {
  return { ...layout, lines, height: lines.length * layout.lineHeight }
}

/** The lines of cells that fit into a height, at least one, and those that do not. */
function splitCells(cells: readonly Layout[], height: number): [Layout[], Layout[]] {
  const fitting = ({ lineHeight }: Layout): number =>
    Math.max(1, Math.floor((height - 2 * CELL_PADDING) / lineHeight))
  return [
    cells.map((layout) => withLines(layout, layout.lines.slice(0, fitting(layout)))),
    cells.map((layout) => withLines(layout, layout.lines.slice(fitting(layout)))),
  ]
}
