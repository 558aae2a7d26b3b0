import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ChecksumAlgorithm } from "./engine.ts";

/** A digest that is fed piece by piece. */
export interface RunningDigest {
  update(data: Buffer): void;
  /** Base64, as S3 writes it. */
  digest(): string;
}

/** Starts one of S3's additional checksums. */
export function startChecksum(algorithm: ChecksumAlgorithm): RunningDigest {
  return starters[algorithm]();
}

const starters: Readonly<Record<ChecksumAlgorithm, () => RunningDigest>> = {
  CRC32: startCrc32,
  CRC32C: startCrc32c,
  CRC64NVME: startCrc64Nvme,
  SHA1: () => startHash("sha1"),
  SHA256: () => startHash("sha256"),
};

/** Starts a hash of node:crypto. */
export function startHash(name: "md5" | "sha1" | "sha256"): RunningDigest {
  const hash = createHash(name);
  return { update: (data) => void hash.update(data), digest: () => hash.digest("base64") };
}

function startCrc32(): RunningDigest {
  let crc = 0;
  return {
    update(data) {
      crc = crc32(data, crc);
    },
    digest: () => base64(crc),
  };
}

let crc32cTable: Uint32Array | undefined;

function startCrc32c(): RunningDigest {
  crc32cTable ??= Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
    return value;
  });
  const table = crc32cTable;
  let crc = 0xffffffff;
  return {
    update(data) {
      let value = crc;
      for (const byte of data) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0);
      crc = value;
    },
    digest: () => base64(~crc >>> 0),
  };
}

let crc64Tables: { readonly low: Uint32Array; readonly high: Uint32Array } | undefined;

/** In two halves of 32 bits, since BigInt would be far slower. */
function startCrc64Nvme(): RunningDigest {
  crc64Tables ??= makeCrc64Tables();
  const tables = crc64Tables;
  let low = 0xffffffff;
  let high = 0xffffffff;
  return {
    update(data) {
      for (const byte of data) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (tables.low[index] ?? 0);
        high = (high >>> 8) ^ (tables.high[index] ?? 0);
      }
    },
    digest() {
      const result = Buffer.alloc(8);
      result.writeUInt32BE(~high >>> 0, 0);
      result.writeUInt32BE(~low >>> 0, 4);
      return result.toString("base64");
    },
  };
}

function makeCrc64Tables(): { low: Uint32Array; high: Uint32Array } {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let index = 0; index < 256; index += 1) {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit += 1) {
      value = (value >> 1n) ^ (value & 1n ? 0x9a6c9329ac4bc9b5n : 0n);
    }
    low[index] = Number(value & 0xffffffffn);
    high[index] = Number(value >> 32n);
  }
  return { low, high };
}

function base64(crc: number): string {
  const result = Buffer.alloc(4);
  result.writeUInt32BE(crc >>> 0);
  return result.toString("base64");
}
