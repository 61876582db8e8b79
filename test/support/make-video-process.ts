import { openSync } from 'node:fs'
import process from 'node:process'
import {
  dictionaryOf,
  loadFfmpeg,
  must,
  type CodecContext,
  type FfmpegLibrary,
  type FormatContext,
  type Frame,
  type Packet,
  type Stream,
} from '../../src/video/decoder/ffmpeg-library.ts'
import { FilterChain } from '../../src/video/decoder/filter-chain.ts'
import { decodedFrames } from '../../src/video/decoder/frames-task.ts'
import { encoderOf, openDecoder, openInput } from '../../src/video/decoder/open-input.ts'
import type { VideoToMake } from './make-video.ts'

/** Makes one video, in a process of its own, with the libraries that read videos; its argument is a `VideoToMake`. */
const SOUND_RATE = 48_000
const GLOBAL_HEADER = 0x400000
const STEREO = { nbChannels: 2, order: 1, mask: 3n }
const YUV = { yuv420p: 0, yuvj420p: 12 }
const PLANAR_FLOAT = 8

interface Encoding {
  encoder: CodecContext
  stream: Stream
}

const make = JSON.parse(process.argv[2]) as VideoToMake
const library = loadFfmpeg()
const output = new library.FormatContext()
must(library, output.allocOutputContext2(null, make.format, make.file), 'making a video')
const packet = new library.Packet()
packet.alloc()
const pictures = make.encoder === undefined ? undefined : beginPictures(library, make.encoder)
const sound = make.sound === true ? beginSound(library) : undefined
must(library, output.openOutputSync(), 'opening')
must(library, output.writeHeaderSync(null), 'beginning')
if (sound !== undefined) encodeTone(library, sound)
if (pictures !== undefined) encodePictures(library, pictures)
must(library, output.writeTrailerSync(), 'ending')
output.closeOutputSync()
process.exit(0)

function beginPictures(av: FfmpegLibrary, name: string): Encoding {
  const codec = encoderOf(av, name)
  const encoder = new av.CodecContext()
  encoder.allocContext3(codec)
  encoder.width = make.width
  encoder.height = make.height
  encoder.pixelFormat = YUV[make.pixelFormat]
  encoder.sampleAspectRatio = { num: 1, den: 1 }
  encoder.timeBase = { num: 1, den: make.rate }
  encoder.framerate = { num: make.rate, den: 1 }
  encoder.bitRate = 1_500_000n
  if (make.globalHeader) encoder.flags |= GLOBAL_HEADER
  must(av, encoder.open2Sync(codec, dictionaryOf(av, make.options)), `opening ${name}`)
  return add(av, output, encoder)
}

function beginSound(av: FfmpegLibrary): Encoding {
  const codec = encoderOf(av, 'aac')
  const encoder = new av.CodecContext()
  encoder.allocContext3(codec)
  encoder.sampleRate = SOUND_RATE
  encoder.sampleFormat = PLANAR_FLOAT
  encoder.channelLayout = STEREO
  encoder.timeBase = { num: 1, den: SOUND_RATE }
  encoder.bitRate = 64_000n
  if (make.globalHeader) encoder.flags |= GLOBAL_HEADER
  must(av, encoder.open2Sync(codec, null), 'opening aac')
  return add(av, output, encoder)
}

function add(av: FfmpegLibrary, to: FormatContext, encoder: CodecContext): Encoding {
  const stream = to.newStream(null)
  must(av, stream.codecpar.fromContext(encoder), 'describing a stream')
  stream.timeBase = encoder.timeBase
  return { encoder, stream }
}

function encode(av: FfmpegLibrary, { encoder, stream }: Encoding, frame: Frame | null, into: Packet): void {
  must(av, encoder.sendFrameSync(frame), 'encoding')
  while (encoder.receivePacketSync(into) >= 0) {
    into.streamIndex = stream.index
    if (into.duration === 0n) into.duration = 1n
    into.rescaleTs(encoder.timeBase, stream.timeBase)
    must(av, output.interleavedWriteFrameSync(into), 'writing')
  }
}

function encodeTone(av: FfmpegLibrary, to: Encoding): void {
  const graph = new av.FilterGraph()
  graph.alloc()
  const row = [
    ['sine', `frequency=440:duration=${make.seconds}:sample_rate=${SOUND_RATE}`],
    ['aformat', 'sample_fmts=fltp:channel_layouts=stereo'],
    ['asetnsamples', 'n=1024:p=1'],
    ['abuffersink', null],
  ].map(([name, args]) => graph.createFilter(av.Filter.getByName(name!)!, name!, args)!)
  for (let at = 1; at < row.length; at++) must(av, row[at - 1].link(0, row[at], 0), 'linking')
  must(av, graph.configSync(), 'configuring')
  const frame = new av.Frame()
  frame.alloc()
  while (row[row.length - 1].buffersinkGetFrameSync(frame) >= 0) {
    encode(av, to, frame, packet)
    frame.unref()
  }
  encode(av, to, null, packet)
}

function encodePictures(av: FfmpegLibrary, to: Encoding): void {
  const out = new av.Frame()
  out.alloc()
  const place = ['settb=expr=1/1000', `fps=${make.rate}`, 'setpts=N', `settb=expr=1/${make.rate}`]
  const form = [`scale=${make.width}:${make.height}`, 'setsar=1', `format=${make.pixelFormat}`]
  let count = 0n
  for (let times = 0; times < make.times; times++) {
    const input = openInput(av, openSync(make.from, 'r'), 'mov')
    const [stream] = input.streams
    const { num, den } = stream.timeBase
    const chain = FilterChain.ofPictures(av, stream.timeBase, [...make.filters, ...form, ...place])
    const write = (made: Frame): void => {
      made.pts = count
      made.duration = 1n
      made.pictType = 0
      count += 1n
      encode(av, to, made, packet)
    }
    for (const frame of decodedFrames(av, input, stream.index, openDecoder(av, stream)!)) {
      const timeS = (Number(frame.bestEffortTimestamp) * num) / den
      if (timeS < make.startS - 1e-6) continue
      if (timeS >= make.startS + make.seconds - 1e-6) break
      frame.pts = frame.bestEffortTimestamp
      for (const made of chain.push(frame, out)) write(made)
    }
    for (const made of chain.end(out)) write(made)
  }
  encode(av, to, null, packet)
}
