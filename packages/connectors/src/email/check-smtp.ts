import { TLSSocket } from "node:tls";
import type { ConnectionCheck } from "../connector.ts";
import { smtpFault } from "./smtp-fault.ts";
import type { SmtpSettings } from "./smtp-settings.ts";

/**
 * Logs in and tells how the server presents itself and whether what is said is encrypted. No mail is sent.
 *
 * @throws {LavaError} LOGIN_FAILED, CONNECTION_FAILED
 */
export async function checkSmtp(
  conn_id: string,
  { auth, ...settings }: SmtpSettings,
): Promise<ConnectionCheck> {
  const { default: SMTPConnection } = await import("nodemailer/lib/smtp-connection");
  const said: string[] = [];
  const ignore = (): void => undefined;
  const note = (entry: unknown, text?: unknown): void => {
    if (isOfServer(entry) && typeof text === "string") said.push(text);
  };
  const logger = { trace: ignore, debug: note, info: ignore, warn: ignore, error: ignore };
  const connection = new SMTPConnection({ ...settings, transactionLog: true, logger });
  const failed = Promise.withResolvers<never>();
  connection.on("error", failed.reject);
  failed.promise.catch(ignore);
  try {
    await Promise.race([failed.promise, step((done) => connection.connect(done))]);
    if (auth !== undefined) {
      await Promise.race([
        failed.promise,
        step((done) => connection.login({ credentials: auth }, done)),
      ]);
    }
    const { _socket: socket } = connection;
    const [greeting = ""] = said;
    return {
      server: `SMTP ${greeting.replace(/^220[ -]/, "").split("\n")[0] ?? ""}`.trim(),
      details: { tls: socket instanceof TLSSocket ? socket.getProtocol() : null },
    };
  } catch (error) {
    throw smtpFault(conn_id, settings, error);
  } finally {
    connection.quit();
  }
}

const isOfServer = (entry: unknown): boolean =>
  typeof entry === "object" && entry !== null && Reflect.get(entry, "tnx") === "server";

function step(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}
