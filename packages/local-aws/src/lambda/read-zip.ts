import { crc32, inflateRawSync } from "node:zlib";
import { AwsError } from "../errors.ts";

/** One file of an archive. */
export interface ZipEntry {
  /** With slashes, inside the folder that it is unpacked to. */
  readonly name: string;
  readonly data: Buffer;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
/** The greatest size of a function's files together. */
const MAX_UNPACKED = 262_144_000;

/** The files of a zip archive; folders are left out. Throws InvalidParameterValueException when it is none. */
export function readZip(archive: Buffer): ZipEntry[] {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== END_OF_DIRECTORY) {
    throw badZip();
  }
  const entries: ZipEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  let total = 0;
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== DIRECTORY_ENTRY) throw badZip();
    const size = archive.readUInt32LE(at + 24);
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    total += size;
    if (total > MAX_UNPACKED) {
      throw invalid(`Unzipped size must be smaller than ${MAX_UNPACKED} bytes`);
    }
    if (name.startsWith("/") || name.split(/[/\\]/).includes("..")) throw badZip();
    if (!name.endsWith("/")) {
      const method = archive.readUInt16LE(at + 10);
      const start = dataStart(archive, archive.readUInt32LE(at + 42));
      const packed = archive.subarray(start, start + archive.readUInt32LE(at + 20));
      const data = unpack(packed, method, size);
      if (crc32(data) !== archive.readUInt32LE(at + 16)) throw badZip();
      entries.push({ name, data });
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

/** Where the data of an entry begin, behind its own header. */
function dataStart(archive: Buffer, header: number): number {
  if (header + 30 > archive.length) throw badZip();
  return header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
}

function unpack(packed: Buffer, method: number, size: number): Buffer {
  if (method === 0) return packed;
  if (method !== 8) throw badZip();
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    throw badZip();
  }
}

function badZip(): AwsError {
  return invalid(
    "Could not unzip uploaded file. Please check your file, then try to upload again.",
  );
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}
