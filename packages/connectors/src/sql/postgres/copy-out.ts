import type { Connection, Submittable } from "pg";

/** What the server sends while it copies out; other messages are for the driver. */
const COPY_DATA = 0x64;
const PASSED_OVER: ReadonlySet<number> = new Set([
  0x48, // CopyOutResponse
  0x4e, // NoticeResponse
  0x53, // ParameterStatus
  0x41, // NotificationResponse
]);

const HEADER = 5;

/** Chunks that may wait for the reader before the server is held back, and those at which it may go on. */
const FULL = 16;
const LOW = 4;

/** A `COPY .. TO STDOUT` that runs; the driver's queue runs it. */
export interface CopyOut extends Submittable {
  /** What the server copies out; ends when the server is ready for the next statement. */
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/**
 * Reads the messages of a copy from the connection's own bytes: the driver makes an object of each row, which takes
 * longer than all the rest. A chunk from the socket is handed on with its message headers cut out.
 */
export function createCopyOut(sql: string): CopyOut {
  const waiting: Uint8Array[] = [];
  let wake: (() => void) | undefined;
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;
  let connection: Connection | undefined;
  let isPaused = false;

  const header = Buffer.alloc(HEADER);
  let headerSize = 0;
  /** Bytes of the message that are still to come. */
  let left = 0;

  function notify(): void {
    wake?.();
    wake = undefined;
  }

  /** Takes the driver's place at the connection; what ends the copy goes to the driver again. */
  function attach({ stream }: Connection): void {
    const [own] = stream.listeners("data");
    stream.removeAllListeners("data");
    const onData = (chunk: Buffer): void => {
      const { data, rest } = cut(chunk);
      if (data.length > 0) waiting.push(data);
      if (rest !== undefined) {
        stream.off("data", onData);
        if (own !== undefined) {
          stream.on("data", (bytes: Buffer) => void Reflect.apply(own, stream, [bytes]));
          Reflect.apply(own, stream, [rest]);
        }
      } else if (waiting.length >= FULL && !isPaused) {
        isPaused = true;
        stream.pause();
      }
      notify();
    };
    stream.on("data", onData);
  }

  /** Moves the content of the copy to the front of the chunk; `rest` begins with the message that ends it. */
  function cut(chunk: Buffer): { readonly data: Uint8Array; readonly rest?: Buffer } {
    let size = 0;
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        if (headerSize === 0) {
          const code = chunk[at] ?? 0;
          if (code !== COPY_DATA && !PASSED_OVER.has(code)) {
            return { data: chunk.subarray(0, size), rest: chunk.subarray(at) };
          }
        }
        const wanted = Math.min(HEADER - headerSize, chunk.length - at);
        for (let index = 0; index < wanted; index += 1) {
          header[headerSize + index] = chunk[at + index] ?? 0;
        }
        headerSize += wanted;
        at += wanted;
        if (headerSize < HEADER) break;
        headerSize = 0;
        left = header.readUInt32BE(1) - 4;
      }
      const taken = Math.min(left, chunk.length - at);
      if (header[0] === COPY_DATA) {
        if (size !== at) chunk.copyWithin(size, at, at + taken);
        size += taken;
      }
      at += taken;
      left -= taken;
    }
    return { data: chunk.subarray(0, size) };
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = waiting.shift();
      if (isPaused && waiting.length <= LOW) {
        isPaused = false;
        connection?.stream.resume();
      }
      if (chunk !== undefined) yield chunk;
      else if (failure !== undefined) throw failure.error;
      else if (isOver) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  const over = (): void => {
    isOver = true;
    notify();
  };
  /** Everything the driver calls; not all of it is in its declarations. */
  const copy = {
    chunks: read(),
    submit(given: Connection) {
      connection = given;
      attach(given);
      given.query(sql);
    },
    handleRowDescription() {},
    handleDataRow() {},
    handleCopyData() {},
    handleCommandComplete() {},
    handleEmptyQuery() {},
    handlePortalSuspended() {},
    handleCopyInResponse(given: Connection) {
      // Nothing is there to be sent; without an answer both sides would wait for ever.
      const reason = Buffer.from("COPY FROM STDIN needs copyIn\0");
      const message = Buffer.alloc(HEADER);
      message.write("f");
      message.writeInt32BE(reason.length + 4, 1);
      given.stream.write(Buffer.concat([message, reason]));
    },
    handleReadyForQuery: over,
    handleError(error: unknown) {
      failure ??= { error };
      over();
    },
  };
  return copy;
}
