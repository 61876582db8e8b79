import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { time } from './values.ts'

const point = z.object({ similarity: z.number(), falseMatchRate: z.number() })

/** What scores rest on. */
export const modelEndpoints = defineEndpoints({
  showModelPack: {
    method: 'GET',
    path: '/model-pack',
    access: 'signed_in',
    boundKeys: true,
    tag: 'Oversight',
    summary: 'The model pack that is in use, where it comes from, and how often strangers match',
    reply: z.object({
      packId: z.string(),
      pipelineVersion: z.string(),
      title: z.string(),
      sources: z
        .array(
          z.object({
            name: z.string(),
            licence: z.string(),
            provenance: z.string().describe('What is known, and what is not, of where the weights come from'),
            package: z.string().nullable().describe('The package that brought the files; null: a folder'),
          }),
        )
        .describe('Where the networks come from'),
      files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.int() })),
      pack: z
        .object({ source: z.string(), people: z.int(), pairs: z.int(), points: z.array(point) })
        .nullable()
        .describe('Measured when the pack was calibrated; null: not measured'),
      collections: z
        .object({ measuredAt: time, pairs: z.number(), faces: z.int(), points: z.array(point) })
        .nullable()
        .describe('Measured on the faces held here; null: too few faces, or not measured yet'),
      defaultThreshold: z.number(),
    }),
  },
})
