import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { selfSignedCertificate } from "./self-signed.ts";
import type { TestServer } from "./test-server.ts";

/** A mail that {@link TestSmtp} took. */
export interface ReceivedMail {
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly raw: string;
  /** Came over TLS. */
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** An SMTP server of a test, with STARTTLS and one user. */
export interface TestSmtp extends TestServer {
  /** `localhost`: what its certificate says. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** File of the certificate that it shows. */
  readonly ca: string;
  /** Mails so far, oldest first. */
  readonly received: readonly ReceivedMail[];
}

/** How the server is started. */
export interface SmtpOptions {
  readonly password?: string;
  /** More settings of the server, which go before its own. */
  readonly server?: SMTPServerOptions;
}

/**
 * Starts an SMTP server in this process on a free port; mails without a login are taken too.
 *
 * @param env Where openssl is looked up: PATH.
 * @throws {Error} that says what to install
 */
export async function startSmtp(
  env: Readonly<Record<string, string | undefined>>,
  { password = "pass word", server = {} }: SmtpOptions = {},
): Promise<TestSmtp> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "lava-smtp-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const { cert, key } = await selfSignedCertificate(folder, env["PATH"] ?? "");
  const received: ReceivedMail[] = [];
  const user = "me";
  const smtp = new SMTPServer({
    authOptional: true,
    key: await readFile(key),
    cert: await readFile(cert),
    onAuth(given, _session, done) {
      if (given.username === user && given.password === password) done(null, { user });
      else done(new Error("wrong password"));
    },
    onData(stream, session, done) {
      let raw = "";
      stream.on("data", (part: Buffer) => (raw += part.toString()));
      stream.on("end", () => {
        received.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw,
          secure: session.secure,
          user: session.user === undefined ? undefined : String(session.user),
        });
        done();
      });
    },
    ...server,
  });
  smtp.on("error", () => undefined);
  const listening = Promise.withResolvers<void>();
  const listener = smtp.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  stack.defer(
    () =>
      new Promise<void>((resolve) => {
        smtp.close(resolve);
      }),
  );
  const address = listener.address();
  const owned = stack.move();
  return {
    name: "smtp",
    folder,
    env: {},
    host: "localhost",
    port: typeof address === "object" ? (address?.port ?? 0) : 0,
    user,
    password,
    ca: cert,
    received,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
