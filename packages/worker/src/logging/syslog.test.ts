import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { syslogSink } from "./log-sinks.ts";

/** Listens as a syslog daemon does, at a datagram socket of its own, and prints each datagram as JSON. */
const RECEIVER = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print(json.dumps("ready"), flush=True)
while True:
    print(json.dumps(s.recv(131072).decode()), flush=True)
`;

async function receiver(): Promise<{ socket: string; next: () => Promise<string> }> {
  const folder = await mkdtemp(join(tmpdir(), "lava-syslog-"));
  const socket = join(folder, "log");
  const program = spawn("python3", ["-c", RECEIVER, socket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    program.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> =>
    String(JSON.parse((await lines.next()).value ?? "null"));
  expect(await next()).toBe("ready");
  return { socket, next };
}

test("a syslog daemon gets each line with facility, severity and tag, long ones whole (OPS-200, WF-183)", async () => {
  const { socket, next } = await receiver();
  const sink = syslogSink("local0", "lava-r-w", [socket]);

  sink.write('lava-r-w: {"event_type": "worker", "message": "größer"}', "info");
  sink.write("plain", "error");
  sink.write("x".repeat(20_000), "debug");

  // local0 is 16: 16 * 8 + 6, + 3, + 7.
  expect(await next()).toMatch(/^<134>.* lava-r-w: {"event_type": "worker", "message": "größer"}$/);
  expect(await next()).toMatch(/^<131>.* lava-r-w: plain$/);
  expect(await next()).toMatch(/^<135>.* lava-r-w: x{20000}$/);
});

test("a facility that there is none of is refused with those there are", () => {
  expect(() => syslogSink("local9", "t")).toThrow("Unknown syslog facility: local9");
});
