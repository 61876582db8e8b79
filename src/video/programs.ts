import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { AppError } from '../errors.ts'

/** The programs that read videos, as they are installed on this machine. */
export interface VideoPrograms {
  ffmpeg: string
  ffprobe: string
  /** First line of `ffmpeg -version`; recorded with everything made by it. */
  version: string
  /** How frames are kept as they are, neither repeated nor dropped: the option was renamed in 5.1. */
  keepFrames: readonly string[]
}

const INSTALL =
  'Videos need ffmpeg and ffprobe, which are not on this machine. Install them (Debian, Ubuntu: `apt-get install ffmpeg`; Fedora: `dnf install ffmpeg-free`; macOS: `brew install ffmpeg`), or set LIKENESS_FFMPEG to the ffmpeg program; ffprobe stands beside it. Then go on with the import.'
const VERSION_WITHIN_MS = 20_000

let found: { setting: string; programs: Promise<VideoPrograms> } | undefined

/**
 * Finds ffmpeg and ffprobe: beside LIKENESS_FFMPEG when it is set, else on the PATH. Looked for once.
 * @throws AppError `video_programs_missing` with the command that installs them
 */
export function findVideoPrograms(): Promise<VideoPrograms> {
  const setting = `${process.env.LIKENESS_FFMPEG ?? ''}\n${process.env.PATH ?? ''}`
  if (found?.setting !== setting) {
    const programs = look()
    found = { setting, programs }
    // Somebody may install them while the service runs.
    programs.catch(() => (found = undefined))
  }
  return found.programs
}

async function look(): Promise<VideoPrograms> {
  const set = process.env.LIKENESS_FFMPEG
  const ffmpeg = set === undefined || set === '' ? onPath('ffmpeg') : runnable(path.resolve(set))
  const ffprobe =
    ffmpeg === undefined
      ? undefined
      : (runnable(path.join(path.dirname(ffmpeg), 'ffprobe')) ?? onPath('ffprobe'))
  if (ffmpeg === undefined || ffprobe === undefined) throw new AppError('video_programs_missing', INSTALL)
  const version = await versionOf(ffmpeg)
  const [, major, minor] = /version n?(\d+)\.(\d+)/.exec(version) ?? []
  const isOld = major !== undefined && (Number(major) < 5 || (Number(major) === 5 && Number(minor) === 0))
  const keepFrames = isOld ? ['-vsync', 'passthrough'] : ['-fps_mode', 'passthrough']
  return { ffmpeg, ffprobe, version, keepFrames }
}

function onPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = folder === '' ? undefined : runnable(path.join(folder, name))
    if (file !== undefined) return file
  }
  return undefined
}

function runnable(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK)
    return file
  } catch {
    return undefined
  }
}

function versionOf(ffmpeg: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(ffmpeg, ['-version'], { timeout: VERSION_WITHIN_MS }, (error, stdout) => {
      const line = stdout.split('\n')[0]?.trim() ?? ''
      if (error === null && line.startsWith('ffmpeg version')) resolve(line.split(' Copyright')[0])
      else reject(new AppError('video_programs_missing', `${ffmpeg} does not run as ffmpeg does. ${INSTALL}`))
    })
  })
}
