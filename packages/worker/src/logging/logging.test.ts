import { createRedactor, systemClock } from "@lava/core";
import { expect, test } from "vitest";
import { formatTextRecord, type LogRecord } from "./log-record.ts";
import { createWorkerLogger } from "./logging.ts";

const source = {
  event_source: "lava-worker",
  realm: "dev",
  worker: "core",
  host: "vm",
  tag: "lava-dev-core",
  pid: 11830,
};

function logger(place: "stderr" | "syslog" = "stderr") {
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.add("secret-value");
  const log = createWorkerLogger({
    source,
    sink: { place, write: (line) => lines.push(line) },
    level: "info",
    json: true,
    clock: { ...systemClock, now: () => Date.UTC(2026, 10, 23, 7, 36, 58, 726) },
    redactor,
  });
  return { log, lines };
}

test("records have the members and the order of WF-180 (OPS-201, OPS-207)", () => {
  const { log, lines } = logger();

  log
    .child({ thread: "worker-00", event_type: "job" })
    .info({ job_id: "slp", run_id: "r1", empty: "" }, "Job slp (r1): Starting");

  const record: unknown = JSON.parse(lines[0] ?? "");
  expect(Object.keys(record as object)).toEqual([
    ...["event_source", "realm", "worker", "host", "tag", "localtime", "timestamp", "level"],
    ...["message", "thread", "pid", "event_type", "job_id", "run_id"],
  ]);
  expect(record).toMatchObject({
    timestamp: "2026-11-23T07:36:58.726000+00:00",
    level: "INFO",
    thread: "worker-00",
    pid: 11830,
  });
});

test("a record that cannot be written is replaced by one that says so (OPS-203)", () => {
  const { log, lines } = logger();
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;

  log.info({ circle }, "round");

  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    message: "round",
    internal_error: expect.any(String),
  });
});

test("levels below the chosen one are dropped, secrets are masked (WK-169)", () => {
  const { log, lines } = logger();

  log.debug({}, "no");
  log.warn({ value: "secret-value" }, "a secret-value");

  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("secret-value");
  expect(lines[0]).toContain("WARNING");
});

test("JSON for syslog begins with the tag (WF-183, OPS-202), text has the forms of WF-184", () => {
  const { log, lines } = logger("syslog");
  log.info({}, "x");
  const record: LogRecord = { source, level: "warn", time: 0, message: "m", fields: {} };

  expect(lines[0]).toMatch(/^lava-dev-core: \{"event_source": "lava-worker", /);
  expect(formatTextRecord(record, "stderr")).toBe("lava-dev-core: MainThread: m");
  expect(formatTextRecord(record, "syslog")).toBe("lava-dev-core[11830]: WARNING: MainThread: m");
  expect(formatTextRecord(record, "file")).toMatch(/ \d\d:00:00,000: WARNING: MainThread: m$/);
});
