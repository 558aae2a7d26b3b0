import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { PACKET, toPackets } from "./tds-packets.ts";

const HEADER = 8;

/**
 * The server's end of TLS as TDS 7 has it: the handshake goes in packets of the kind PRELOGIN, what follows goes as it
 * is. Resolves when the handshake is done.
 */
export async function acceptTls(
  socket: Socket,
  { cert, key }: { readonly cert: string; readonly key: string },
): Promise<TLSSocket> {
  let isWrapped = true;
  let received = Buffer.alloc(0);
  let sending: Buffer[] = [];
  const flush = (): void => {
    if (sending.length === 0) return;
    const flight = Buffer.concat(sending);
    sending = [];
    socket.write(toPackets(flight, PACKET.prelogin));
  };
  const inner = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      if (!isWrapped) {
        socket.write(chunk, () => done());
        return;
      }
      // A flight is one message, however many pieces it is written in.
      if (sending.length === 0) setImmediate(flush);
      sending.push(chunk);
      done();
    },
    final(done) {
      socket.end(done);
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length > 0 && received[0] === PACKET.prelogin) {
      if (received.length < HEADER) return;
      const length = received.readUInt16BE(2);
      if (received.length < length) return;
      inner.push(received.subarray(HEADER, length));
      received = received.subarray(length);
    }
    if (received.length === 0) return;
    inner.push(received);
    received = Buffer.alloc(0);
  });
  socket.once("close", () => inner.destroy());
  socket.on("error", () => inner.destroy());
  const secure = new TLSSocket(inner, {
    isServer: true,
    cert,
    key,
    maxVersion: "TLSv1.2",
  });
  await new Promise<void>((resolve, reject) => {
    secure.once("secure", () => resolve());
    secure.once("error", reject);
    secure.once("close", () => reject(new Error("the client left in the handshake")));
  });
  flush();
  isWrapped = false;
  return secure;
}
