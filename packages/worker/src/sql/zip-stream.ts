import { constants, crc32, deflateRawSync } from "node:zlib";
import { LavaError } from "@lava/core";

/** A zip archive that is written from its beginning to its end; its parts in order are the file. */
export interface ZipStream {
  /** A whole file. */
  file(name: string, text: string): Buffer;
  /** The head of a file that comes in parts. Nothing else may be begun before {@link ZipStream.close}. */
  open(name: string): Buffer;
  part(text: string): Buffer;
  close(): Buffer;
  /** The directory. */
  end(): Buffer;
}

interface Entry {
  readonly name: Buffer;
  readonly offset: number;
  crc: number;
  packed: number;
  size: number;
}

/** Sizes follow the file, names are UTF-8. */
const FLAGS = 0x0808;
const DEFLATE = 8;
/** 1980-01-01: the same content makes the same file. */
const DATE = 0x21;
const MOST_BYTES = 0xffff_ffff;

/** Writes a zip archive without a file of its own: nothing is kept but the directory. */
export function createZipStream(): ZipStream {
  const entries: Entry[] = [];
  let written = 0;
  let current: Entry | undefined;

  const pass = (bytes: Buffer): Buffer => {
    written += bytes.length;
    if (written <= MOST_BYTES) return bytes;
    throw new LavaError(
      "RESULT_TOO_LARGE",
      "The result is larger than a zip archive can be, 4 GB",
      {
        retry: "never",
        hint: "Select less, or write csv.",
      },
    );
  };
  const pack = (text: string, isLast: boolean): Buffer => {
    if (current === undefined) throw new Error("no file of the archive is open");
    const bytes = Buffer.from(text);
    current.crc = crc32(bytes, current.crc);
    current.size += bytes.length;
    const finishFlush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    const packed = deflateRawSync(bytes, { finishFlush });
    current.packed += packed.length;
    return pass(packed);
  };
  const open = (name: string): Buffer => {
    current = { name: Buffer.from(name), offset: written, crc: 0, packed: 0, size: 0 };
    entries.push(current);
    return pass(
      record(
        [0x04034b50, 4],
        [20, 2],
        [FLAGS, 2],
        [DEFLATE, 2],
        [0, 2],
        [DATE, 2],
        [0, 4],
        [0, 4],
        [0, 4],
        [current.name.length, 2],
        [0, 2],
        current.name,
      ),
    );
  };
  const close = (): Buffer => {
    const last = pack("", true);
    if (current === undefined) return last;
    const { crc, packed, size } = current;
    current = undefined;
    return Buffer.concat([last, pass(record([0x08074b50, 4], [crc, 4], [packed, 4], [size, 4]))]);
  };
  return {
    file: (name, text) => Buffer.concat([open(name), pack(text, false), close()]),
    open,
    part: (text) => pack(text, false),
    close,
    end() {
      const at = written;
      const heads = entries.map(({ name, offset, crc, packed, size }) =>
        record(
          [0x02014b50, 4],
          [20, 2],
          [20, 2],
          [FLAGS, 2],
          [DEFLATE, 2],
          [0, 2],
          [DATE, 2],
          [crc, 4],
          [packed, 4],
          [size, 4],
          [name.length, 2],
          [0, 4],
          [0, 4],
          [0, 4],
          [offset, 4],
          name,
        ),
      );
      const directory = pass(Buffer.concat(heads));
      const count = entries.length;
      const tail = record(
        [0x06054b50, 4],
        [0, 4],
        [count, 2],
        [count, 2],
        [directory.length, 4],
        [at, 4],
        [0, 2],
      );
      return Buffer.concat([directory, pass(tail)]);
    },
  };
}

/** Numbers with their width, little endian, and bytes as they are. */
function record(...fields: readonly (readonly [value: number, width: number] | Buffer)[]): Buffer {
  return Buffer.concat(
    fields.map((field) => {
      if (Buffer.isBuffer(field)) return field;
      const [value, width] = field;
      const bytes = Buffer.alloc(width);
      bytes.writeUIntLE(value, 0, width);
      return bytes;
    }),
  );
}
