import { deflateRawSync, crc32 } from 'node:zlib'
import { Header } from 'tar'
import { decodeCodePage, type CodePage } from '../../src/contract/code-pages.ts'

export interface ZipFile {
  name: string | Buffer
  bytes: Buffer
  /** Declared length when it should differ from the true one. */
  declaredBytes?: number
  unixMode?: number
  encrypted?: boolean
  /** Way of compressing that the entry names; its data are stored as they are when it is not 8. */
  method?: number
  /** Data in the way that `method` names. */
  packed?: Buffer
  /** Extra field, as it stands. */
  extra?: Buffer
  /** Names in bytes that are said to be UTF-8. */
  saysUtf8?: boolean
}

/** A zip archive with exactly the entries given, hostile ones included. */
export function zipOf(files: readonly ZipFile[]): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const { name, bytes, declaredBytes, unixMode = 0o100644, encrypted = false, method = 8 } = file
    const nameBytes = Buffer.isBuffer(name) ? name : Buffer.from(name)
    const packed = file.packed ?? (method === 8 ? deflateRawSync(bytes) : bytes)
    const extra = file.extra ?? Buffer.alloc(0)
    const saysUtf8 = file.saysUtf8 ?? !Buffer.isBuffer(name)
    const flags = (encrypted ? 1 : 0) | (saysUtf8 ? 0x800 : 0)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(declaredBytes ?? bytes.length, 18)
    common.writeUInt16LE(nameBytes.length, 22)
    common.writeUInt16LE(extra.length, 24)
    const central = Buffer.alloc(14)
    central.writeUInt32LE(unixMode * 65_536, 6)
    central.writeUInt32LE(offset, 10)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, nameBytes, extra, packed])
    locals.push(local)
    centrals.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 3]), common, central, nameBytes, extra]),
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
  /** Bytes of the name, when they should not be the UTF-8 of `path`. */
  rawPath?: Buffer
  bytes?: Buffer
  type?: 'File' | 'SymbolicLink' | 'ExtendedHeader' | 'Link' | 'CharacterDevice' | 'Directory'
  linkpath?: string
}

/** A tar archive with exactly the entries given. */
export function tarOf(files: readonly TarFile[]): Buffer {
  const blocks: Buffer[] = []
  for (const { path, rawPath, bytes = Buffer.alloc(0), type = 'File', linkpath = '' } of files) {
    const header = new Header({ path, size: bytes.length, type, linkpath, mode: 0o644 })
    const block = Buffer.alloc(512)
    header.encode(block)
    if (rawPath !== undefined) {
      block.fill(0, 0, 100)
      rawPath.copy(block)
      block.fill(0x20, 148, 156)
      const sum = block.reduce((total, byte) => total + byte, 0)
      block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    }
    blocks.push(block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512))
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** Text in a code page of one byte a letter; a Latin i where it has no Ukrainian і, as Windows does. */
export function inCodePage(text: string, page: CodePage): Buffer {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const byLetter = new Map(bytes.map((byte) => [decodeCodePage(Buffer.from([byte]), page), byte]))
  return Buffer.from(
    Array.from(text, (letter) => byLetter.get(letter) ?? byLetter.get(letter === 'і' ? 'i' : '?')!),
  )
}
