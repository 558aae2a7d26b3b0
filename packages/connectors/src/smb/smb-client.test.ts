import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { setImmediate as soon } from "node:timers/promises";
import { expect, test } from "vitest";
import { createSmbClient } from "./smb-client.ts";
import type { SmbProgram } from "./smbclient.ts";

const record = {
  conn_id: "nas",
  host: "h",
  port: 445,
  remoteName: "H",
  myName: "lava",
  user: "u",
  password: "p",
  domain: "",
  encrypt: false,
  ntlmV2: true,
};

// smbclient itself cannot be told to end at this very moment.
test("a file is whole for one who reads it late, when the program has ended with its first word", async () => {
  const stdout = new PassThrough();
  stdout.end("content");
  const program: SmbProgram = {
    start: () => ({
      child: spawn("true"),
      stdin: new PassThrough(),
      stdout,
      said: Promise.resolve("getting file \\late of size 7 as - (6.8 KiloBytes/sec)\n"),
    }),
    listShares: () => {
      throw new Error("nobody asks");
    },
    async [Symbol.asyncDispose]() {},
  };
  await using client = createSmbClient(program, record);

  const source = await client.get("/data/late");
  await soon();

  expect(await text(source)).toBe("content");
});
