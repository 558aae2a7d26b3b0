import type { Duplex } from "node:stream";

/** Kinds of packets, by their number (MS-TDS 2.2.3.1.1). */
export const PACKET = {
  batch: 0x01,
  rpc: 0x03,
  answer: 0x04,
  attention: 0x06,
  login: 0x10,
  prelogin: 0x12,
} as const;

const HEADER = 8;
const SIZE = 4096;
const END_OF_MESSAGE = 1;

/** A whole message of a client. */
export interface TdsMessage {
  readonly type: number;
  readonly data: Buffer;
}

/** Joins packets to messages; calls `take` for each. */
export function createMessageReader(take: (message: TdsMessage) => void): (chunk: Buffer) => void {
  let waiting = Buffer.alloc(0);
  let parts: Buffer[] = [];
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= HEADER) {
      const length = waiting.readUInt16BE(2);
      if (waiting.length < length) return;
      const [type = 0, status = 0] = waiting;
      parts.push(waiting.subarray(HEADER, length));
      waiting = waiting.subarray(length);
      if ((status & END_OF_MESSAGE) === 0) continue;
      const data = Buffer.concat(parts);
      parts = [];
      take({ type, data });
    }
  };
}

/** Packets of one message, or of a part of one. */
export function toPackets(data: Buffer, type: number = PACKET.answer, isEnd = true): Buffer {
  const packets: Buffer[] = [];
  for (let at = 0; at === 0 || at < data.length; at += SIZE - HEADER) {
    const piece = data.subarray(at, at + SIZE - HEADER);
    const isLast = at + piece.length >= data.length;
    const header = Buffer.alloc(HEADER);
    header[0] = type;
    header[1] = isLast && isEnd ? END_OF_MESSAGE : 0;
    header.writeUInt16BE(piece.length + HEADER, 2);
    header[6] = 1;
    packets.push(header, piece);
  }
  return Buffer.concat(packets);
}

/** Writes, and waits where the other end is slower. */
export async function writeOut(stream: Duplex, bytes: Buffer): Promise<void> {
  if (stream.destroyed || stream.write(bytes)) return;
  await new Promise<void>((resolve) => {
    stream.once("drain", resolve);
    stream.once("close", resolve);
  });
}
