import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { selfSignedCertificate } from "../self-signed.ts";
import type { TestServer } from "../test-server.ts";
import { createDoubleSession, type DoubleSession } from "./double-session.ts";
import {
  createMessageReader,
  PACKET,
  type TdsMessage,
  toPackets,
  writeOut,
} from "./tds-packets.ts";
import { readBatch, readLogin, readRpc } from "./tds-requests.ts";
import { acceptTls } from "./tds-tls.ts";
import { databaseChange, DONE, done, errorToken, loginAck, type TdsFault } from "./tds-tokens.ts";

/** A double of SQL Server. It speaks TDS 7.4 as the server does, with SQLite behind it for what the statements mean. */
export interface MssqlDouble extends TestServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** May be changed: it holds for logins from then on. */
  password: string;
  readonly database: string;
  /** File of the certificate that it shows. */
  readonly ca: string;
  /** Names that clients gave themselves. */
  readonly applications: readonly string[];
}

/** How the double is started. */
export interface MssqlDoubleOptions {
  /** Without TLS; it has TLS by default. */
  readonly tls?: boolean;
}

const ENCRYPTION = { on: 1, notSupported: 2 } as const;

/** Starts the double; `WAITFOR DELAY` waits until it is told to stop, `DROP CONNECTION` ends the connection. */
export async function startMssqlDouble(
  env: Readonly<Record<string, string | undefined>>,
  { tls = true }: MssqlDoubleOptions = {},
): Promise<MssqlDouble> {
  const folder = await mkdtemp(join(tmpdir(), "lava-mssql-"));
  const { cert, key } = await selfSignedCertificate(folder, env["PATH"] ?? "");
  const certificate = { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
  const databases = new Set(["master"]);
  const applications: string[] = [];
  const sockets = new Set<Socket>();
  const login = { user: "sa", password: "Sw0rd;fish{}'\"é" };

  async function talk(socket: Socket): Promise<void> {
    let stream: Duplex = socket;
    let session: DoubleSession | undefined;
    socket.once("close", () => session?.[Symbol.dispose]());

    const refuse = (fault: TdsFault): Promise<void> =>
      writeOut(stream, toPackets(Buffer.concat([errorToken(fault), done(DONE.error)])));

    async function enter(data: Buffer): Promise<void> {
      const asked = readLogin(data);
      if (asked.user !== login.user || asked.password !== login.password) {
        await refuse({ number: 18_456, message: `Login failed for user '${asked.user}'.` });
        return void socket.end();
      }
      const database = asked.database === "" ? "master" : asked.database;
      if (!databases.has(database)) {
        const message = `Cannot open database "${database}" requested by the login. The login failed.`;
        await refuse({ number: 4060, message });
        return void socket.end();
      }
      applications.push(asked.application);
      session = createDoubleSession({
        stream,
        folder,
        database,
        databases,
        drop: () => socket.destroy(),
      });
      const tokens = [databaseChange(database), loginAck(asked.version), done(0)];
      await writeOut(stream, toPackets(Buffer.concat(tokens)));
    }

    async function take({ type, data }: TdsMessage): Promise<void> {
      if (type === PACKET.prelogin) {
        socket.off("data", reader);
        await writeOut(stream, prelogin(tls));
        if (tls) {
          stream = await acceptTls(socket, certificate);
          stream.on("error", () => socket.destroy());
        }
        stream.on("data", reader);
      } else if (type === PACKET.login) await enter(data);
      else if (type === PACKET.batch) await session?.run(readBatch(data), false);
      else if (type === PACKET.rpc) await session?.run(readRpc(data), true);
      else if (type === PACKET.attention) await session?.attention();
    }

    const reader = createMessageReader((message) => {
      void take(message).catch(() => socket.destroy());
    });
    socket.on("data", reader);
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    void talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    name: "mssql",
    folder,
    env: {},
    host: "127.0.0.1",
    port: typeof address === "object" && address !== null ? address.port : 0,
    user: login.user,
    get password() {
      return login.password;
    },
    set password(password) {
      login.password = password;
    },
    database: "master",
    ca: cert,
    applications,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The answer to PRELOGIN: the version, and whether there is TLS. */
function prelogin(tls: boolean): Buffer {
  const version = Buffer.from([16, 0, 0x10, 0x27, 0, 0]);
  const options = [
    { kind: 0, data: version },
    { kind: 1, data: Buffer.from([tls ? ENCRYPTION.on : ENCRYPTION.notSupported]) },
  ];
  let offset = options.length * 5 + 1;
  const heads: Buffer[] = [];
  for (const { kind, data } of options) {
    const head = Buffer.alloc(5);
    head[0] = kind;
    head.writeUInt16BE(offset, 1);
    head.writeUInt16BE(data.length, 3);
    heads.push(head);
    offset += data.length;
  }
  const end = Buffer.from([0xff]);
  return toPackets(Buffer.concat([...heads, end, ...options.map(({ data }) => data)]));
}
