import {
  END_OF_FILE,
  must,
  NO_PTS,
  TRY_AGAIN,
  type FfmpegLibrary,
  type FilterContext,
  type FilterGraph,
  type Frame,
  type Rational,
} from './ffmpeg-library.ts'

interface BuiltGraph {
  graph: FilterGraph
  source: FilterContext
  sink: FilterContext
  kind: string
}

/** Filters in a row, each as ffmpeg writes it: `name=arguments`. Built anew when the frames change their kind on the way. */
export class FilterChain {
  readonly #library: FfmpegLibrary
  readonly #filters: readonly string[]
  readonly #sourceOf: (frame: Frame) => string
  #built: BuiltGraph | undefined

  private constructor(
    library: FfmpegLibrary,
    filters: readonly string[],
    sourceOf: (frame: Frame) => string,
  ) {
    this.#library = library
    this.#filters = filters
    this.#sourceOf = sourceOf
  }

  /** @param timeBase of the frames that go in */
  static ofPictures(library: FfmpegLibrary, timeBase: Rational, filters: readonly string[]): FilterChain {
    return new FilterChain(library, filters, (frame) => {
      const { num, den } = frame.sampleAspectRatio
      const aspect = num > 0 && den > 0 ? `${num}/${den}` : '0/1'
      return `buffer=video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=${timeBase.num}/${timeBase.den}:pixel_aspect=${aspect}:colorspace=${frame.colorSpace}:range=${frame.colorRange}`
    })
  }

  /** @param timeBase of the frames that go in */
  static ofSound(library: FfmpegLibrary, timeBase: Rational, filters: readonly string[]): FilterChain {
    return new FilterChain(library, filters, (frame) => {
      const format = library.avGetSampleFmtName(frame.format) ?? 'unknown'
      const layout = library.avChannelLayoutDescribe(frame.channelLayout) ?? 'stereo'
      return `abuffer=time_base=${timeBase.num}/${timeBase.den}:sample_rate=${frame.sampleRate}:sample_fmt=${format}:channel_layout=${layout}`
    })
  }

  /**
   * Sends a frame through, which is used up, and gives what comes out into `out`, one after another.
   * @throws Error when the filters cannot take such frames
   */
  *push(frame: Frame, out: Frame): Generator<Frame> {
    const kind = this.#sourceOf(frame)
    if (this.#built !== undefined && this.#built.kind !== kind) yield* this.end(out)
    const built = (this.#built ??= this.#build(kind))
    must(this.#library, built.source.buffersrcAddFrameSync(frame), 'converting a frame')
    yield* pull(this.#library, built, out)
  }

  /** What the filters still hold. */
  *end(out: Frame): Generator<Frame> {
    const built = this.#built
    if (built === undefined) return
    built.source.buffersrcAddFrameSync(null)
    yield* pull(this.#library, built, out)
    built.graph.free()
    this.#built = undefined
  }

  #build(kind: string): BuiltGraph {
    const graph = new this.#library.FilterGraph()
    graph.alloc()
    graph.nbThreads = 1
    const sinkName = kind.startsWith('abuffer') ? 'abuffersink' : 'buffersink'
    const parts = [kind, ...this.#filters, sinkName].map((text, at) => {
      const [name, ...rest] = text.split('=')
      const filter = this.#library.Filter.getByName(name)
      const made =
        filter && graph.createFilter(filter, `${name}${at}`, rest.length === 0 ? null : rest.join('='))
      if (made === null) throw new Error(`the filter ${name} does not take '${rest.join('=')}'`)
      return made
    })
    for (let at = 1; at < parts.length; at++) {
      if (parts[at - 1].link(0, parts[at], 0) < 0) throw new Error('the filters do not fit together')
    }
    must(this.#library, graph.configSync(), 'making the filters fit the frames')
    return { graph, source: parts[0], sink: parts[parts.length - 1], kind }
  }
}

function* pull(library: FfmpegLibrary, { sink }: BuiltGraph, out: Frame): Generator<Frame> {
  for (;;) {
    const code = sink.buffersinkGetFrameSync(out)
    if (code === TRY_AGAIN || code === END_OF_FILE) return
    must(library, code, 'converting a frame')
    yield out
    out.unref()
  }
}

/** The time of a decoded frame in its stream's units; when it has none, one frame after the one before. */
export class FrameClock {
  #next = 0n

  timeOf(frame: Frame): bigint {
    const time = frame.bestEffortTimestamp === NO_PTS ? this.#next : frame.bestEffortTimestamp
    this.#next = time + (frame.duration > 0n ? frame.duration : 1n)
    return time
  }
}
