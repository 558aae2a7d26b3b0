import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";

/** What a cancel request is about. */
export interface CancelTarget {
  readonly host: string;
  readonly port: number;
  /** TLS options of the connection, undefined without TLS. */
  readonly tls: ConnectionOptions | undefined;
  /** The server process and the key it gave for this purpose. */
  readonly processId: number;
  readonly secretKey: number;
}

/** Milliseconds after which nobody waits for the server to take the request. */
const TIMEOUT = 10_000;

/** Asks the server, on a connection of its own, to stop what the process is doing; resolves when it was told. */
export async function sendCancelRequest(target: CancelTarget): Promise<void> {
  const { host, port, tls, processId, secretKey } = target;
  const plain = connectSocket({ host, port });
  plain.setTimeout(TIMEOUT, () => plain.destroy(new Error("timeout")));
  let socket: Socket = plain;
  try {
    await once(plain, "connect");
    if (tls !== undefined) {
      plain.write(words(80_877_103));
      const answer = await once(plain, "data");
      if (answer?.toString() === "S") {
        socket = connectTls({ ...tls, socket: plain });
        await once(socket, "secureConnect");
      }
    }
    socket.end(words(80_877_102, processId, secretKey));
    socket.resume();
    await once(socket, "close");
  } finally {
    socket.destroy();
    plain.destroy();
  }
}

/** A message of the start of a connection: its length and whole numbers. */
function words(...values: readonly number[]): Buffer {
  const message = Buffer.alloc(4 + values.length * 4);
  message.writeInt32BE(message.length);
  for (const [index, value] of values.entries()) message.writeInt32BE(value | 0, 4 + index * 4);
  return message;
}

function once(socket: Socket, event: string): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once(event, (data: unknown) => {
      socket.off("error", reject);
      socket.on("error", () => undefined);
      resolve(Buffer.isBuffer(data) ? data : undefined);
    });
  });
}
