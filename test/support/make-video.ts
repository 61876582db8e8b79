import { execFileSync } from 'node:child_process'
import { open } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { sampleVideo } from '../../scripts/sample-photos.ts'
import { probeVideo } from '../../src/video/probe-video.ts'
import { readFrames } from '../../src/video/read-frames.ts'
import { videoItemOf } from '../../src/video/video-item.ts'

/** How a video is made out of a sample video. */
export interface VideoToMake {
  file: string
  /** FFmpeg's name of the container; null: the file's name tells it. */
  format: string | null
  /** Undefined: no pictures. */
  encoder?: string
  options: Record<string, string>
  pixelFormat: 'yuv420p' | 'yuvj420p'
  width: number
  height: number
  /** Frames a second. */
  rate: number
  /** Before they are brought to size; each as ffmpeg writes it. */
  filters: string[]
  /** A tone beside the pictures. */
  sound?: boolean
  from: string
  startS: number
  seconds: number
  /** One after another. */
  times: number
  /** Whether heads stand once, at the beginning: in all containers but those for broadcasting. */
  globalHeader: boolean
}

const PROGRAM = fileURLToPath(new URL('./make-video-process.ts', import.meta.url))

/** Seconds out of a sample video, with the encoders that `npm ci` brings. @returns the file's path */
export function makeClip(
  folder: string,
  name: string,
  { from = 'franck.mp4', ...wanted }: Partial<Omit<VideoToMake, 'file' | 'globalHeader'>> = {},
): string {
  const make: VideoToMake = {
    encoder: 'libx264',
    options: wanted.encoder === undefined ? { preset: 'veryfast' } : {},
    pixelFormat: wanted.encoder === 'mjpeg' ? 'yuvj420p' : 'yuv420p',
    width: 360,
    height: 288,
    rate: 24,
    filters: [],
    startS: 0,
    seconds: 2,
    times: 1,
    format: null,
    ...wanted,
    from: sampleVideo(from),
    file: path.join(folder, name),
    globalHeader: !/\.(ts|mpg|h264|265|mjpeg)$/.test(name),
  }
  execFileSync(process.execPath, ['--no-warnings', PROGRAM, JSON.stringify(make)])
  return make.file
}

/** A second of sound in an MP4 file without pictures. */
export function makeSound(folder: string, name: string): string {
  const make = { file: path.join(folder, name), format: null, sound: true, seconds: 1, globalHeader: true }
  execFileSync(process.execPath, ['--no-warnings', PROGRAM, JSON.stringify(make)])
  return make.file
}

/** One picture of a video, as PNG. */
export async function pictureAt(video: string, atS: number): Promise<Buffer> {
  const file = await open(video)
  const item = (await videoItemOf(file))!
  const probed = await probeVideo(file.fd, item.container)
  if (probed.outcome !== 'probed') throw new Error(probed.detail)
  const { facts } = probed
  const frames = readFrames({ inputFd: file.fd, facts, fromS: 0, toS: atS + 1, take: { atS } })
  const first = await frames.next()
  if (first.done === true) throw new Error(first.value.complaint)
  const raw = { width: facts.widthPx, height: facts.heightPx, channels: 3 as const }
  const png = await sharp(first.value.pixels, { raw }).png().toBuffer()
  await frames.return({ how: 'stopped', complaint: '' })
  await file.close()
  return png
}

/** Codecs of the kinds of files that phones, cameras and messengers write. */
export const CONTAINERS: Record<string, Pick<Partial<VideoToMake>, 'encoder' | 'options' | 'rate'>> = {
  'a.mp4': { encoder: 'libx264', options: { preset: 'ultrafast' } },
  'b.mov': { encoder: 'mjpeg' },
  'c.3gp': { encoder: 'mpeg4' },
  'd.mkv': { encoder: 'libx264', options: { preset: 'ultrafast' } },
  'e.webm': { encoder: 'libvpx', options: { deadline: 'realtime', 'cpu-used': '8' } },
  'f.avi': { encoder: 'mpeg4' },
  // The codec knows only television's rates.
  'g.ts': { encoder: 'mpeg2video', rate: 25 },
}

/** An EBML element with an 8-byte length (RFC 8794). */
function element(id: number, content: Buffer | number): Buffer {
  const hex = id.toString(16)
  const body = Buffer.isBuffer(content) ? content : Buffer.from(content.toString(16).padStart(8, '0'), 'hex')
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(0x0100000000000000n + BigInt(body.length))
  return Buffer.concat([Buffer.from(hex, 'hex'), length, body])
}

/** A Matroska file that declares tracks and has no pictures. */
export function matroskaOf(tracks: number, width: number, height: number): Buffer {
  const versions = [0x4286, 0x42f7, 0x42f2, 0x42f3, 0x4287, 0x4285].map((id, at) =>
    element(id, [1, 1, 4, 8, 4, 2][at]),
  )
  const head = element(0x1a45dfa3, Buffer.concat([element(0x4282, Buffer.from('matroska')), ...versions]))
  const entries = Array.from({ length: tracks }, (_, at) =>
    element(
      0xae,
      Buffer.concat([
        element(0xd7, at + 1),
        element(0x73c5, at + 1),
        element(0x83, 1),
        element(0x86, Buffer.from('V_VP8')),
        element(0xe0, Buffer.concat([element(0xb0, width), element(0xba, height)])),
      ]),
    ),
  )
  const cluster = element(0x1f43b675, element(0xe7, 0))
  const segment = Buffer.concat([element(0x1654ae6b, Buffer.concat(entries)), cluster])
  return Buffer.concat([head, element(0x18538067, segment)])
}
