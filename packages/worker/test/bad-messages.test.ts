import { randomUUID } from "node:crypto";
import { parseJson } from "@lava/core";
import { UNROUTABLE_JOB_ID } from "@lava/spec";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { workerRealm } from "./worker-realm.ts";

const REALM = "badbodies";

/** A body of a message: whole, but for what is in `fields`; the texts of these are JSON. */
function body(fields: Readonly<Record<string, string>>): string {
  const whole: Record<string, string> = {
    realm: JSON.stringify(REALM),
    worker: '"core"',
    job_id: '"fine"',
    run_id: JSON.stringify(randomUUID()),
    ts_dispatch: '"2026-11-23T18:47:15+11:00"',
    ...fields,
  };
  return `{${Object.entries(whole)
    .map(([name, value]) => `${JSON.stringify(name)}: ${value}`)
    .join(", ")}}`;
}

const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

/** Bodies that are no dispatch, or one that nobody would send. */
const bodies: Readonly<Record<string, string>> = {
  "white space": "  \n",
  null: "null",
  text: '"text"',
  "a number": "17",
  "a list": "[]",
  "an empty object": "{}",
  "no JSON": "{job_id: fine}",
  "half a body": body({}).slice(0, -20),
  "two bodies": body({}) + body({}),
  "a byte order mark": `\uFEFF${body({})}`,
  "100,000 levels": deep(100_000),
  "5,000 levels in parameters": body({ parameters: `{"a": ${deep(5000)}}` }),
  "100,000 levels in parameters": body({ parameters: `{"a": ${deep(100_000)}}` }),
  XML: "<dispatch job='fine'/>",
  "a notification of S3": JSON.stringify({ Records: [{ eventSource: "aws:s3", s3: {} }] }),
  "a job that is a number": body({ job_id: "1" }),
  "a job that is null": body({ job_id: "null" }),
  "a job that is a map": body({ job_id: '{"S": "fine"}' }),
  "an empty job": body({ job_id: '""' }),
  "an empty run": body({ run_id: '""' }),
  "a run that is a list": body({ run_id: "[]" }),
  "a job of 3,000 bytes": body({ job_id: JSON.stringify("x".repeat(3000)) }),
  "a run of 2,000 bytes": body({ run_id: JSON.stringify("x".repeat(2000)) }),
  "a record of lava": body({ job_id: '"lava/workers/core"' }),
  "half a character": body({ job_id: String.raw`"fi\ud800ne"` }),
  "a null character": body({ job_id: String.raw`"fi\u0000ne"` }),
  "a run with line breaks": body({ run_id: String.raw`"a\r\nb"` }),
  "a run that leaves its folder": body({ run_id: '"../../../../tmp/evil"' }),
  "a run of dots": body({ run_id: '".."' }),
  "a long run": body({ run_id: JSON.stringify("r".repeat(300)) }),
  "a time that is a number": body({ ts_dispatch: "1" }),
  "an empty time": body({ ts_dispatch: '""' }),
  "a time without end": body({ ts_dispatch: '"9999-99-99T99:99:99"' }),
  "a time of long ago": body({ ts_dispatch: '"0001-01-01T00:00:00+00:00"' }),
  "a time of the year 9999": body({ ts_dispatch: '"9999-12-31T23:59:59-12:00"' }),
  "parameters that are a list": body({ parameters: "[]" }),
  "parameters that are text": body({ parameters: '"a"' }),
  "globals that are null": body({ globals: "null" }),
  "globals.lava that is text": body({ globals: '{"lava": "x"}' }),
  "globals.lava of numbers": body({ globals: '{"lava": {"master_start": 1}}' }),
  "a number too large": body({ parameters: '{"n": 1e400}' }),
  "a number too small": body({ parameters: '{"n": 1e-300}' }),
  "a number of 50 digits": body({ parameters: `{"n": ${"1234567890".repeat(5)}}` }),
  "a fraction of 50 digits": body({ parameters: `{"n": 0.${"1234567890".repeat(5)}}` }),
  NaN: body({ globals: '{"n": NaN}' }),
  Infinity: body({ parameters: '{"n": -Infinity}' }),
  "60 levels": body({ parameters: `{"a": ${deep(60)}}` }),
  "an empty name": body({ parameters: '{"": 1}' }),
  "names of objects": body({
    parameters: '{"__proto__": {"a": 1}, "constructor": 1, "toString": null}',
    globals: '{"__proto__": {"lava_x": 1}}',
  }),
  "half a character in parameters": body({ parameters: String.raw`{"a": "\udfff", "\ud800": 1}` }),
  "200 KB of parameters": body({ parameters: JSON.stringify({ a: "x".repeat(200_000) }) }),
  "9,000 parameters": body({
    parameters: JSON.stringify(
      Object.fromEntries(Array.from({ length: 9000 }, (_, n) => [`p${n}`, n])),
    ),
  }),
  "the same name twice": body({}).replace("{", '{"job_id": "gone", '),
  "a name more": body({ priority: "1" }),
};

test("no body of a message breaks or occupies a worker: each is settled at once, and recorded (bad input, WK-030 to WK-034)", async () => {
  await using setup = await workerRealm({
    name: REALM,
    jobs: [{ job_id: "fine", payload: "true" }],
  });
  const worker = await setup.start({ threads: 4 });
  const receives = new Map<string, number>();
  const settled = new Map<string, string>();
  const ended: string[] = [];
  worker.events.on("message", ({ message_id }) => {
    receives.set(message_id, (receives.get(message_id) ?? 0) + 1);
  });
  worker.events.on("settled", ({ message_id, how }) => settled.set(message_id, how));
  worker.events.on("finished", ({ status }) => ended.push(status));
  const names = new Map<string, string>();
  for (const [name, text] of Object.entries(bodies)) {
    names.set((await setup.realm.queue("core").sendBody(text)).message_id, name);
  }

  await eventually(() => settled.size === names.size);

  const odd = [...names].filter(([id]) => settled.get(id) !== "deleted" || receives.get(id) !== 1);
  expect(odd.map(([id, name]) => [name, settled.get(id), receives.get(id)])).toEqual([]);
  expect(ended).toHaveLength(names.size);
  const { items } = await setup.realm.events.listByJob(UNROUTABLE_JOB_ID, { limit: 200 });
  expect(items.length).toBeGreaterThan(20);
  expect(new Set(items.map(({ status }) => status))).toEqual(new Set(["rejected"]));
  expect((await setup.run("fine")).status).toBe("complete");
  await eventually(async () => (await setup.messages()) === 0);
});

test("values that DynamoDB cannot hold reach the job, its events and its rerun (bad input)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "odd",
        payload: "echo '{{ globals.n }}'",
        event_log: '{"n": 1e-300, "__proto__": {"a": 1}, "deep": {{ globals.deep }}}',
      },
    ],
  });
  await setup.start();
  const n = 10n ** 50n + 7n;
  const nested = deep(40);
  const globals = { n, deep: nested, list: parseJson(nested) };

  const run = await setup.run("odd", { job_id: "odd", globals });

  expect(run.status).toBe("complete");
  expect(run.log.find(({ status }) => status === "logging")?.info).toEqual(expect.any(String));
  expect(run.extra["x_sent"]).toEqual({ json: expect.stringContaining(String(n)) });
  const again = await setup.realm.rerun({ job_id: "odd", run_id: run.run_id });
  const second = await setup.ended({ job_id: "odd", run_id: again.run_id });
  expect(second.extra["x_sent"]).toEqual(run.extra["x_sent"]);
  expect(Buffer.from((await setup.realm.temp.getOutput(second, "stdout")) ?? []).toString()).toBe(
    `${n}\n`,
  );
});
