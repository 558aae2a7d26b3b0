import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { emulatedRealm, type EmulatedRealm, freePort } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveAlias } from "../src/aliases.ts";
import { runCli } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-cli-conn-"));
const posted: unknown[] = [];
let emulated: EmulatedRealm;
let slack: Server;
beforeAll(async () => {
  const port = await freePort();
  slack = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += String(part)));
    request.on("end", () => {
      posted.push(JSON.parse(body));
      response.end("ok");
    });
  }).listen(port, "127.0.0.1");
  emulated = await emulatedRealm({
    connections: [
      { conn_id: "mail", type: "email", from: "a@x.org" },
      { conn_id: "chat", type: "slack", webhook_url: `http://127.0.0.1:${port}/hook` },
      {
        conn_id: "styled",
        type: "slack",
        webhook_url: `http://127.0.0.1:${port}/hook`,
        style: "attachment",
        colour: "#123456",
        from: "the robot",
        preamble: "<!here>",
      },
      { conn_id: "bare", type: "email" },
      { conn_id: "nas", type: "smb", host: "127.0.0.1", port: 1, remote_name: "H", secret_id: "s" },
    ],
    payloads: { "note.txt": "from S3" },
  });
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  slack.close();
  rmSync(folder, { recursive: true });
});

/** A command by its original's name. */
function original(name: string, args: readonly string[], input = "") {
  const alias = resolveAlias(name, args);
  const env = { ...process.env, ...emulated.environment };
  return runCli(alias?.argv ?? [], {
    env,
    cwd: folder,
    stdin: Readable.from([Buffer.from(input)]),
  });
}

describe("lava-email", () => {
  test("sends stdin by the connection, with all its options (CLI-104, 105, 108)", async () => {
    writeFileSync(join(folder, "a.csv"), "a,b\n");
    const lists = ["--to", "b@x.org", "--to", "c@x.org", "--cc", "d@x.org", "--bcc", "e@x.org"];
    const rest = ["--reply-to", "r@x.org", "-s", "Hi", "-a", "a.csv", "-l", "debug"];
    const { status, stderr } = await original(
      "lava-email",
      ["--conn-id", "mail", ...lists, ...rest],
      "<html>hello</html>",
    );
    const sent = emulated.aws.mails().at(-1);

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(sent).toMatchObject({
      from: "a@x.org",
      destinations: ["b@x.org", "c@x.org", "d@x.org", "e@x.org"],
      replyTo: ["r@x.org"],
      subject: "Hi",
    });
    expect(sent?.raw).toContain("Content-Type: text/html");
    expect(sent?.raw).toContain("filename=a.csv");
  });

  test("takes its text from a file, given once (CLI-106)", async () => {
    writeFileSync(join(folder, "body.txt"), "from a file");
    const words = ["-c", "mail", "--to", "b@x.org", "-s", "Hi"];

    expect((await original("lava-email", [...words, "body.txt"])).status).toBe(0);
    expect(emulated.aws.mails().at(-1)?.raw).toContain("from a file");
    expect(
      await original("lava-email", [...words, "--text", "body.txt", "body.txt"]),
    ).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Only one of --html, --text and FILE can be given"),
    });
  });

  test("refuses a mail to nobody, one without a subject, and unknown connections (CLI-109)", async () => {
    expect((await original("lava-email", ["-c", "mail", "-s", "x"])).status).toBe(2);
    // Blind copies alone have no recipient that others see (CON-email-02).
    const blind = ["-c", "mail", "-s", "x", "--bcc", "x@x.org"];
    expect((await original("lava-email", blind, "text")).status).toBe(2);
    expect((await original("lava-email", ["-c", "mail", "--to", "x"])).status).toBe(2);
    const gone = await original("lava-email", ["-c", "gone", "--to", "x", "-s", "x"], "text");
    expect(gone).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("gone: No such connection"),
    });
    const empty = await original("lava-email", ["-c", "mail", "--to", "x", "-s", "x"]);
    expect(empty.stderr).toContain("subject and message must be specified");
  });
});

describe("lava-email, by its rows", () => {
  const words = ["-c", "mail", "--to", "b@x.org", "-s", "Hi"];
  const raw = (): string => emulated.aws.mails().at(-1)?.raw ?? "";

  test.each([
    [" \n<HTML><b>x</b>", "text/html"],
    ["<!DocType html><p>x", "text/html"],
    ["<p>x</p>", "text/plain"],
    ["see <html>", "text/plain"],
  ])("%j is sent as %s (CLI-105)", async (body, type) => {
    expect((await original("lava-email", [...words, "-"], body)).status).toBe(0);
    expect(raw()).toContain(`Content-Type: ${type}`);
  });

  test("of a body the first 2 MB are sent (CLI-105)", async () => {
    await original("lava-email", words, "y".repeat(3 * 1024 * 1024));

    expect(raw().match(/y/g)?.length ?? 0).toBeGreaterThanOrEqual(2 * 1024 * 1024);
    expect(raw().match(/y/g)?.length ?? 0).toBeLessThan(2 * 1024 * 1024 + 100);
  });

  test("the sender is the option's, else the connection's, else the realm's, else there is none (CLI-107)", async () => {
    const from = async (conn: string, more: readonly string[] = []): Promise<unknown> => {
      const rest = ["-c", conn, "--to", "b@x.org", "-s", "Hi", ...more];
      const { status, stderr } = await original("lava-email", rest, "text");
      return status === 0 ? emulated.aws.mails().at(-1)?.from : stderr;
    };

    expect(await from("mail", ["--from", "own@x.org"])).toBe("own@x.org");
    expect(await from("mail")).toBe("a@x.org");
    expect(await from("bare")).toContain("Email sender must be specified");
    const { realm } = emulated;
    await realm.connections.put({ conn_id: "bare", type: "ses", enabled: true });
    const env = { ...emulated.environment, LAVA_SES_FROM: "realm@x.org" };
    const rest = ["email", "-c", "bare", "--to", "b@x.org", "-s", "Hi"];
    const stdin = Readable.from([Buffer.from("text")]);
    expect((await runCli(rest, { env, cwd: folder, stdin })).status).toBe(0);
    expect(emulated.aws.mails().at(-1)?.from).toBe("realm@x.org");
  });

  test("attachments are of this machine or of S3, five at most, 2 MB each (CLI-108)", async () => {
    writeFileSync(join(folder, "small"), "x");
    writeFileSync(join(folder, "large"), Buffer.alloc(2_200_000));
    const attach = (...files: string[]) =>
      original("lava-email", [...words, ...files.flatMap((file) => ["-a", file])], "text");

    const note = `${emulated.realm.record.s3_payloads}/note.txt`;
    expect((await attach("small", note)).status).toBe(0);
    expect(raw()).toContain("filename=note.txt");
    expect((await attach(...Array.from({ length: 6 }, () => "small"))).stderr).toContain(
      "Too many email attachments (max 5)",
    );
    expect((await attach("large")).stderr).toMatch(/Attachment large exceeds \d+ bytes/);
    expect((await attach("nowhere")).stderr).toContain("Attachment nowhere cannot be read");
  });
});

describe("lava-slack", () => {
  test("cuts a subject at 250 characters (CLI-147)", async () => {
    await original("lava-slack", ["-c", "chat", "-s", "ß".repeat(400)], "text");

    expect(JSON.stringify(posted.at(-1)).match(/ß+/)?.[0].length).toBe(250);
  });

  test("has style, colour, sender and preamble of the connection, else its own (CLI-148)", async () => {
    await original("lava-slack", ["-c", "chat", "--style", "attachment"], "text");
    const plain = JSON.stringify(posted.at(-1));
    await original("lava-slack", ["-c", "styled"], "text");
    const styled = JSON.stringify(posted.at(-1));
    await original("lava-slack", ["-c", "chat"], "text");

    expect(plain).toContain("#bbbbbb");
    expect(plain).toContain(`lava@${emulated.realm.name}`);
    for (const part of ["#123456", "the robot", "<!here>"]) expect(styled).toContain(part);
    expect(JSON.stringify(posted.at(-1))).toContain('"blocks"');
  });

  test("sends at most 3000 characters, as the options say (CLI-146 to 148)", async () => {
    const words = ["-c", "chat", "--style", "attachment", "--bar-colour", "good", "--from", "me"];
    const { status } = await original("lava-slack", [...words, "-s", "Hi"], "ä".repeat(4000));
    const text = JSON.stringify(posted.at(-1));

    expect(status).toBe(0);
    expect(text).toContain('"good"');
    expect(text.match(/ä/g)?.length).toBeGreaterThanOrEqual(3000);
    expect(text).not.toContain("ä".repeat(3001));
  });

  test("refuses an empty message (CLI-147)", async () => {
    expect((await original("lava-slack", ["-c", "chat"])).status).toBe(1);
  });
});

describe("lava-smb", () => {
  test("wants a share and a path, and a sub-command (CLI-145, CLI-153)", async () => {
    const bad = await original("lava-smb", ["-c", "nas", "put", "a", "share/path"]);
    expect(bad.stderr).toContain("Bad path - must be in the form share:path");
    expect(bad.status).toBe(1);
    const none = await original("lava-smb", ["-c", "nas"]);
    expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining("Usage: lava smb") });
  });

  test("tells why it fails, and leaves no temporary folder", async () => {
    const words = ["-c", "nas", "--tmpdir", "own-tmp", "get", "s:{{ job.job_id }}", "x"];
    const { status, stderr } = await original("lava-smb", words);

    expect(status).toBe(1);
    expect(stderr).toContain("s");
    expect(existsSync(join(folder, "own-tmp"))).toBe(false);
  });
});

describe("lava-sharepoint", () => {
  test("wants a connection and a sub-command (CLI-137, CLI-145)", async () => {
    const words = ["-c", "gone", "put-doc", "a", "Documents"];
    expect((await original("lava-sharepoint", words)).stderr).toContain("gone: No such connection");
    expect(await original("lava-sharepoint", ["-c", "gone"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Usage: lava sharepoint"),
    });
  });
});

test("each program of the package is launched by a file of its name", () => {
  for (const name of ["lava-email", "lava-sharepoint", "lava-slack", "lava-smb"]) {
    const file = join(import.meta.dirname, "../src/launch", `${name}.ts`);
    expect(readFileSync(file, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  }
});
