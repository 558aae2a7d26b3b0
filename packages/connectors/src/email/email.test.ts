import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { DataMap } from "@lava/core";
import { emulatedRealm, type EmulatedRealm } from "@lava/testing";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { fakeRealm } from "../../test/fake-realm.ts";
import { checkConnection, connectMail } from "../connect.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-mail-"));
let emulated: EmulatedRealm;
beforeAll(async () => {
  emulated = await emulatedRealm({
    record: {
      config: { EMAIL_MAX_ATTACHMENTS: 2, EMAIL_MAX_ATTACHMENT_SIZE: "1K", EMAIL_MAX_SIZE: "4K" },
    },
    payloads: { "note.txt": "from S3" },
  });
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function open(fields: DataMap) {
  const { realm } = emulated;
  await realm.connections.put({ conn_id: "mail", type: "email", enabled: true, ...fields });
  return connectMail("mail", { realm, tmpdir: folder });
}

const mail = { to: "b@x.org", subject: "Grüße", message: "hello" };

describe("by SES", () => {
  test("a mail goes to all recipients, with the connection's sender and address for replies (CON-email-01, CON-email-05)", async () => {
    await using client = await open({
      from: "a@x.org",
      reply_to: ["r@x.org"],
      region: "eu-west-1",
    });
    const { messageId } = await client.send({ ...mail, cc: ["c@x.org"], bcc: "hidden@x.org" });
    const sent = emulated.aws.mails().at(-1);

    expect(sent).toMatchObject({
      messageId,
      region: "eu-west-1",
      from: "a@x.org",
      destinations: ["b@x.org", "c@x.org", "hidden@x.org"],
      replyTo: ["r@x.org"],
      subject: "Grüße",
    });
    expect(sent?.raw).toContain("Content-Type: text/plain; charset=utf-8");
    expect(sent?.raw).not.toContain("hidden@x.org");
  });

  test("HTML is what begins with it (CON-email-03)", async () => {
    await using client = await open({ from: "a@x.org" });
    await client.send({ ...mail, message: " \n<!DOCTYPE html><p>x" });

    expect(emulated.aws.mails().at(-1)?.raw).toContain("Content-Type: text/html");
  });

  test("files come from this machine, from S3 and from memory (CON-email-04)", async () => {
    writeFileSync(join(folder, "data.csv"), "a,b\n");
    await using client = await open({ from: "a@x.org" });
    const uri = `${emulated.realm.record.s3_payloads}/note.txt`;
    await client.send({ ...mail, attachments: ["data.csv", uri] });
    const { raw = "" } = emulated.aws.mails().at(-1) ?? {};

    expect(raw).toContain("filename=data.csv");
    expect(raw).toContain("Content-Type: text/csv");
    expect(raw).toContain(Buffer.from("from S3").toString("base64"));
    await client.send({ ...mail, attachments: [{ name: "x.bin", content: Uint8Array.of(1) }] });
    expect(emulated.aws.mails().at(-1)?.raw).toContain("filename=x.bin");
  });

  test.each([
    [{ attachments: ["a", "b", "c"] }, "Too many email attachments (max 2)"],
    [
      { attachments: [{ name: "big", content: "x".repeat(1001) }] },
      "Attachment big exceeds 1000 bytes",
    ],
    [{ attachments: ["none.txt"] }, "Attachment none.txt cannot be read: ENOENT"],
    [{ message: "x".repeat(4000) }, "exceeds maximum allowed size of 4000 bytes"],
    [{ to: [], bcc: "c@x.org" }, "No recipients specified for email"],
    [{ subject: "" }, "Cannot send email: subject and message must be specified"],
  ])("refuses %o", async (fields, message) => {
    await using client = await open({ from: "a@x.org" });

    await expect(client.send({ ...mail, ...fields })).rejects.toThrow(message);
  });

  test("a sender is needed, and faults of the service name the connection (CON-email-05)", async () => {
    await using nobody = await open({});
    await expect(nobody.send(mail)).rejects.toThrow("Email sender must be specified");
    await using client = await open({ from: "a@x.org", configuration_set: "none" });
    await expect(client.send(mail)).rejects.toMatchObject({
      code: "EMAIL_FAILED",
      message: "mail: Configuration set <none> does not exist.",
    });
  });

  test("records are checked (CON-all-17)", async () => {
    await expect(open({ odd: 1 })).rejects.toThrow("Connection mail: Unexpected keys: odd");
    await expect(open({ enabled: false })).rejects.toThrow("Connection mail: Not enabled");
    await expect(open({ subtype: "pigeon" })).rejects.toThrow(
      "No email handler for type/subtype email/pigeon",
    );
    await expect(open({ type: "slack", webhook_url: "x" })).rejects.toThrow(
      'Connection mail: Must be of type "email" or "ses" not "slack"',
    );
  });
});

describe("by SMTP", () => {
  let made: [string, string] | undefined;

  interface Received {
    readonly to: readonly string[];
    readonly data: string;
    readonly secure: boolean;
    readonly user: string | undefined;
  }

  /** A server on a free port; what it got. */
  async function server(options: SMTPServerOptions) {
    const received: Received[] = [];
    const [key, cert] = certificate();
    setDefaultCACertificates([...getCACertificates("default"), cert]);
    const smtp = new SMTPServer({
      authOptional: true,
      key,
      cert,
      ...options,
      onAuth({ username, password }, _session, done) {
        if (password === "pass word") done(null, { user: username });
        else done(new Error("wrong password"));
      },
      onData(stream, session, done) {
        let data = "";
        stream.on("data", (part: Buffer) => (data += part.toString()));
        stream.on("end", () => {
          received.push({
            to: session.envelope.rcptTo.map(({ address }) => address),
            data,
            secure: session.secure,
            user: session.user === undefined ? undefined : String(session.user),
          });
          done();
        });
      },
    });
    smtp.on("error", () => undefined);
    const listening = Promise.withResolvers<void>();
    const listener = smtp.listen(0, "127.0.0.1", listening.resolve);
    await listening.promise;
    onTestFinished(
      () =>
        new Promise<void>((resolve) => {
          smtp.close(resolve);
        }),
    );
    const address = listener.address();
    return { received, port: typeof address === "object" ? (address?.port ?? 0) : 0 };
  }

  test("plain where tls is not asked for; blind copies are delivered (CON-email-06)", async () => {
    const { received, port } = await server({});
    await using client = await open({ subtype: "smtp", host: "127.0.0.1", port, from: "a@x.org" });
    await client.send({ ...mail, bcc: "hidden@x.org" });

    expect(received).toMatchObject([{ to: ["b@x.org", "hidden@x.org"], secure: false }]);
    expect(received[0]?.data).not.toContain("hidden@x.org");
  });

  test("STARTTLS and a login, its password from SSM", async () => {
    const { received, port } = await server({});
    const fields = {
      subtype: "smtp",
      host: "localhost",
      port,
      tls: true,
      from: "a@x.org",
      user: "me",
    };
    const realm = fakeRealm({
      connections: { mail: { type: "email", enabled: true, ...fields, password: "/mail/pw" } },
      parameters: { "/mail/pw": "pass word" },
    });
    await using client = await connectMail("mail", { realm });
    await client.send(mail);
    const check = await checkConnection("mail", { realm });

    expect(received).toMatchObject([{ secure: true, user: "me" }]);
    expect(check).toEqual({
      server: expect.stringMatching(/^SMTP \S+ ESMTP/),
      details: { tls: expect.stringMatching(/^TLSv1\.[23]$/) },
    });
    await expect(open(fields)).rejects.toThrow("mail: password is required if user is specified");
  });

  test("a certificate of an authority that nobody knows is told in words of lava's", async () => {
    const { port } = await server({});
    setDefaultCACertificates(getCACertificates("bundled"));
    const fields = { subtype: "smtp", host: "localhost", port, tls: true, from: "a@x.org" };
    await using client = await open(fields);

    await expect(client.send(mail)).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      message: `mail: self-signed certificate (localhost:${port})`,
      hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
  });

  test("faults name the connection", async () => {
    const { port } = await server({ onRcptTo: (_a, _s, done) => done(new Error("no such box")) });
    await using client = await open({ subtype: "smtp", host: "127.0.0.1", port, from: "a@x.org" });
    await expect(client.send(mail)).rejects.toThrow(/^mail: .*no such box/);
    await using away = await open({ subtype: "smtp", host: "127.0.0.1", port: 1, from: "a@x.org" });
    await expect(away.send(mail)).rejects.toThrow(
      /^mail: connect ECONNREFUSED .*\(127\.0\.0\.1:1\)$/,
    );
    await expect(open({ subtype: "smtp" })).rejects.toThrow(
      "mail: Bad connection record: Missing keys: host",
    );
  });

  /** A key and a certificate for localhost, by openssl; made once. */
  function certificate(): [string, string] {
    made ??= makeCertificate();
    return made;
  }

  function makeCertificate(): [string, string] {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync(
      "openssl",
      [
        ...[
          "req",
          "-x509",
          "-newkey",
          "rsa:2048",
          "-nodes",
          "-days",
          "2",
          "-subj",
          "/CN=localhost",
        ],
        ...["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
      ],
      { stdio: "ignore" },
    );
    return [readFileSync(key, "utf8"), readFileSync(cert, "utf8")];
  }
});
