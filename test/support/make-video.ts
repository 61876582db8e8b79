import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { sampleVideo } from '../../scripts/sample-photos.ts'

/** Makes a video with the machine's ffmpeg. @param args everything but the output file */
export function makeVideo(folder: string, name: string, args: readonly string[]): string {
  const file = path.join(folder, name)
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, file])
  return file
}

/** Seconds out of a sample video. @param args for the encoder */
export function makeClip(
  folder: string,
  name: string,
  { from = 'franck.mp4', startS = 0, seconds = 2, args = [] as readonly string[] } = {},
): string {
  const cut = ['-ss', String(startS), '-t', String(seconds), '-i', sampleVideo(from)]
  return makeVideo(folder, name, [...cut, ...args])
}

/** Codecs of the kinds of files that phones, cameras and messengers write; small pictures, a few frames. */
export const CONTAINERS: Record<string, readonly string[]> = {
  'a.mp4': ['-c:v', 'libx264', '-preset', 'ultrafast'],
  'b.mov': ['-c:v', 'mjpeg', '-q:v', '8'],
  'c.3gp': ['-c:v', 'mpeg4'],
  'd.mkv': ['-c:v', 'libx264', '-preset', 'ultrafast'],
  'e.webm': ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8'],
  'f.avi': ['-c:v', 'mpeg4'],
  'g.ts': ['-c:v', 'mpeg2video'],
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
