import { deflateRawSync, crc32 } from 'node:zlib'
import { Header } from 'tar'

export interface ZipFile {
  name: string | Buffer
  bytes: Buffer
  /** Declared length when it should differ from the true one. */
  declaredBytes?: number
  unixMode?: number
  encrypted?: boolean
}

/** A zip archive with exactly the entries given, hostile ones included. */
export function zipOf(files: readonly ZipFile[]): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const { name, bytes, declaredBytes, unixMode = 0o100644, encrypted = false } of files) {
    const nameBytes = Buffer.isBuffer(name) ? name : Buffer.from(name)
    const packed = deflateRawSync(bytes)
    const flags = (encrypted ? 1 : 0) | (Buffer.isBuffer(name) ? 0 : 0x800)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(declaredBytes ?? bytes.length, 18)
    common.writeUInt16LE(nameBytes.length, 22)
    const central = Buffer.alloc(14)
    central.writeUInt32LE(unixMode * 65_536, 6)
    central.writeUInt32LE(offset, 10)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, nameBytes, packed])
    locals.push(local)
    centrals.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 3]), common, central, nameBytes]),
    )
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(files.length, 4)
  end.writeUInt16LE(files.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, directory, Buffer.from('PK\u0005\u0006'), end])
}

export interface TarFile {
  path: string
  bytes?: Buffer
  type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'Directory'
  linkpath?: string
}

/** A tar archive with exactly the entries given. */
export function tarOf(files: readonly TarFile[]): Buffer {
  const blocks: Buffer[] = []
  for (const { path, bytes = Buffer.alloc(0), type = 'File', linkpath = '' } of files) {
    const header = new Header({ path, size: bytes.length, type, linkpath, mode: 0o644 })
    const block = Buffer.alloc(512)
    header.encode(block)
    blocks.push(block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512))
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}
