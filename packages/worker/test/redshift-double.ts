import { connect, createServer, type Socket } from "node:net";

/** What UNLOAD was told; the double's owner does what it says. */
export interface UnloadCall {
  readonly sql: string;
  /** The query, its quotes no longer escaped. */
  readonly query: string;
  readonly bucket: string;
  readonly prefix: string;
  /** What follows the place: credentials and options. */
  readonly rest: string;
}

/** What the double does for the statements that PostgreSQL does not know; a fault is an error of the statement. */
export interface RedshiftAnswers {
  unload(call: UnloadCall): Promise<void>;
  copy(sql: string): Promise<void>;
}

/** A double of Redshift. */
export interface RedshiftDouble extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/**
 * Stands before a PostgreSQL server and lets everything through, but UNLOAD and COPY from S3, which that does not
 * know: it answers these as Redshift does, when they are done.
 */
export async function startRedshiftDouble(
  server: { readonly host: string; readonly port: number },
  { unload, copy }: RedshiftAnswers,
): Promise<RedshiftDouble> {
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const upstream = connect(server.port, server.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    let waiting = Buffer.alloc(0);
    let hasStarted = false;
    /** From an UNLOAD to its Sync nothing goes to the server. */
    let unloading: Promise<void> | undefined;
    client.on("data", (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      for (;;) {
        const size = hasStarted ? 1 + waiting.readUInt32BE(1) : waiting.readUInt32BE(0);
        if (waiting.length < size) return;
        const message = waiting.subarray(0, size);
        waiting = waiting.subarray(size);
        if (!hasStarted) {
          hasStarted = true;
          upstream.write(message);
        } else take(message);
        if (waiting.length < 5) return;
      }
    });

    function take(message: Buffer): void {
      const kind = String.fromCharCode(message[0] ?? 0);
      const text = message.toString("utf8", 6);
      const word = /^(?:UNLOAD|COPY(?=[^']* FROM 's3:))/.exec(text)?.[0];
      if (kind === "P" && word !== undefined) {
        const sql = text.slice(0, text.indexOf("\0"));
        unloading = (word === "UNLOAD" ? unload(readUnload(sql)) : copy(sql)).then(
          () => {
            const bare = ["1", "2", "n"].map((code) => reply(code, ""));
            client.write(Buffer.concat([...bare, reply("C", `${word}\0`)]));
          },
          (error: unknown) => {
            const why = error instanceof Error ? error.message : String(error);
            client.write(reply("E", `SERROR\0CXX000\0M${why}\0\0`));
          },
        );
      } else if (unloading === undefined) upstream.write(message);
      else if (kind === "C") void unloading.then(() => client.write(reply("3", "")));
      else if (kind === "S") {
        void unloading.then(() => client.write(reply("Z", "I")));
        unloading = undefined;
      }
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  return {
    host: "127.0.0.1",
    port: typeof address === "object" && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

function reply(code: string, body: string): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(code);
  head.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

function readUnload(sql: string): UnloadCall {
  const [, query = "", bucket = "", prefix = "", rest = ""] =
    /^UNLOAD \('((?:[^'\\]|\\.)*)'\) TO 's3:\/\/([^/']+)\/([^']*)' (.*);$/s.exec(sql) ?? [];
  return { sql, query: query.replace(/\\(.)/gs, "$1"), bucket, prefix, rest };
}
