/**
 * Likeness as a library: the engine alone, photo -> faces -> templates.
 * @example
 * import { createEngine, similarity } from 'likeness'
 * const engine = await createEngine()
 * const [a, b] = await Promise.all(['a.jpg', 'b.jpg'].map((photo) => engine.readPhoto(photo)))
 * if (a.outcome === 'read' && b.outcome === 'read') console.log(similarity(a.faces[0].template, b.faces[0].template))
 * await engine.close()
 */
export { createEngine, type EngineOptions } from './engine/create-engine.ts'
export { similarity } from './engine/embed/similarity.ts'
export { ADVICE_SENTENCES } from './engine/quality/advice.ts'
export { AppError, type ErrorCode } from './errors.ts'
export type {
  Box,
  DetectionMode,
  Engine,
  Face,
  FaceQuality,
  FivePoints,
  HeadPose,
  PhotoFacts,
  PhotoReading,
  Point,
  QualityAdvice,
  UnreadableReason,
} from './engine/types.ts'
