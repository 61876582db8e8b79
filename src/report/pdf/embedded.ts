import type { ReportPicture } from '../report-content.ts'
import type { Pdf } from './pdf-document.ts'

/** Pictures as the document holds them: embedded once, drawn as often as need be. */
export type Embedded = ReadonlyMap<ReportPicture['name'], { image: object; aspect: number; blurred: boolean }>

/** Takes pictures into a document. */
export function embed(pdf: Pdf, pictures: readonly ReportPicture[]): Embedded {
  return new Map(
    pictures.map(({ name, bytes, blurred }) => {
      // The type declarations leave this method out.
      const { openImage } = pdf as unknown as {
        openImage: (from: Buffer) => { width: number; height: number }
      }
      const image = openImage.call(pdf, Buffer.from(bytes))
      return [name, { image, aspect: image.width / image.height, blurred }]
    }),
  )
}
