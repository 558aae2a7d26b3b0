import { buffer } from "node:stream/consumers";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { emulatedRealm, type EmulatedRealm, fakeClock, projectDir } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { runCli } from "./cli.ts";

let at: EmulatedRealm;
let files: Awaited<ReturnType<typeof projectDir>>;
const clock = fakeClock(Date.UTC(2026, 10, 23, 7, 47, 15));

const trigger = (trigger_id: string, prefix: string, over = {}) => ({
  ...{ trigger_id, bucket: "incoming", prefix, job_id: "load", enabled: true, owner: "o" },
  ...over,
});

beforeAll(async () => {
  at = await emulatedRealm({
    jobs: [{ job_id: "load" }, { job_id: "off", enabled: false }],
    s3triggers: [
      trigger("big", "data/in", { if_size_gt: "1K" }),
      trigger("every", "data/in", {
        job_id: ["load", "off"],
        delay: "2m",
        parameters: { name: "{{ key }}", type: "{{ info.event_type }}" },
      }),
      trigger("slash", "data/out/"),
      trigger("restored", "cold", { if_event_type: "ObjectRestoreCompleted" }),
    ],
  });
  files = await projectDir({});
  const s3 = await at.aws.clients.s3();
  await s3.send(new CreateBucketCommand({ Bucket: "incoming" }));
  for (const [Key, Body] of [
    ["data/in/big.csv", "x".repeat(2048)],
    ["data/in/a b+é.csv", "12345"],
    ["data/in/it's.txt", "1"],
    ["data/in/empty.csv", ""],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- a few
    await s3.send(new PutObjectCommand({ Bucket: "incoming", Key, Body: Buffer.from(Body) }));
  }
});
afterAll(async () => {
  await files[Symbol.asyncDispose]();
  await at[Symbol.asyncDispose]();
});

const run = (...words: string[]) =>
  runCli(words, { env: at.environment, cwd: files.file("."), clock });

describe("lava trigger test", () => {
  test("says which triggers match an object, why not, and what would be dispatched", async () => {
    const result = await run("trigger", "test", "incoming", "data/in/x.csv", "--size", "10");

    expect(result).toEqual({
      status: 0,
      stderr: "",
      stdout: `s3://incoming/data/in/x.csv  ObjectCreated:Put, 10 bytes
big  does not fire: a condition does not hold
  no   if_size_gt: "1K"  (10)
every  fires: prefix data/in
  job load  on core, after 120 s
    parameters: { "name": "data/in/x.csv", "type": "ObjectCreated:Put" }
  job off  job not enabled
    parameters: { "name": "data/in/x.csv", "type": "ObjectCreated:Put" }
`,
    });
    expect(await at.realm.queue("core").receive({ wait: 0 })).toBeUndefined();
  });

  test("takes the size of an object that is there; --json has it all", async () => {
    const result = await run("trigger", "test", "incoming", "data/in/big.csv", "--json");

    expect(JSON.parse(result.stdout)).toMatchObject([
      {
        event: { bucket: "incoming", key: "data/in/big.csv", size: 2048 },
        level: "data/in",
        triggers: [
          { trigger_id: "big", outcome: "fires", runs: [{ job_id: "load", outcome: "sent" }] },
          { trigger_id: "every", outcome: "fires" },
          { trigger_id: "restored", outcome: "elsewhere" },
          { trigger_id: "slash", outcome: "elsewhere" },
        ],
      },
    ]);
  });

  test("says why nothing fires at all, and ends with 1", async () => {
    const result = await run("trigger", "test", "incoming", "data/out/x.csv");

    expect(result.status).toBe(1);
    expect(result.stdout).toBe(`s3://incoming/data/out/x.csv  ObjectCreated:Put, no size
No trigger has one of the prefixes: data/out/x.csv, data/out, data, *
big  does not fire: prefix data/in is no folder of the key
every  does not fire: prefix data/in is no folder of the key
restored  does not fire: prefix cold is no folder of the key
slash  does not fire: prefix data/out/ ends with a slash, and no prefix is looked for with one
`);
  });

  test("takes other events, by their type or whole from a file", async () => {
    const cold = ["trigger", "test", "incoming", "cold/a.zip"];
    expect((await run(...cold)).status).toBe(1);
    expect(await run(...cold, "--event", "Object Restore Completed")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("yes  if_event_type"),
    });

    const event = (await run("s3lambda", "incoming", "data/in/a")).stdout;
    await files.write({ "event.json": JSON.stringify({ Records: [{ ...sqs, body: event }] }) });
    const told = await run("trigger", "test", "--event-file", "event.json", "--json");
    expect(JSON.parse(told.stdout)[0].event).toMatchObject({ key: "data/in/a b+é.csv", size: 5 });
  });

  test("needs an object or an event", async () => {
    expect(await run("trigger", "test", "incoming")).toMatchObject({ status: 2 });
    await files.write({ "odd.json": "{}" });
    const odd = await run("trigger", "test", "--event-file", "odd.json", "--json");
    expect(JSON.parse(odd.stdout)).toMatchObject({ error: { code: "BAD_EVENT" } });
  });
});

const sqs = { eventSource: "aws:sqs", messageId: "m" };

describe("s3lambda", () => {
  test("prints an event for each object that is not empty, any character in its key (CLI-204..206, CLI-208)", async () => {
    const { status, stdout, stderr } = await run("s3lambda", "incoming", "data/in/");

    expect([status, stderr]).toEqual([0, ""]);
    const lines = stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).Records[0].s3.object)).toEqual([
      { key: "data%2Fin%2Fa+b%2B%C3%A9.csv", size: 5 },
      { key: "data%2Fin%2Fbig.csv", size: 2048 },
      { key: "data%2Fin%2Fit%27s.txt", size: 1 },
    ]);
    expect(JSON.parse(lines[0] ?? "").Records[0]).toMatchObject({
      eventName: "ObjectCreated:Put",
      eventTime: "2026-11-23T07:47:15.000Z",
      eventSource: "aws:s3",
      awsRegion: at.environment["AWS_REGION"],
      s3: { bucket: { name: "incoming" } },
    });
  });

  test("-g takes the keys that an extended glob matches, -z empty objects too", async () => {
    const { stdout } = await run("s3lambda", "-z", "-g", "*@(it's|empty).+([a-z])", "incoming", "");

    expect(stdout.trim().split("\n")).toHaveLength(2);
  });

  test("-l sends them to the function, with a pause after each batch", async () => {
    const FunctionName = "told";
    const lambda = await at.aws.clients.lambda();
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from("export const handler = async () => 1;"), "f.mjs");
    zip.end();
    await lambda.send(
      new CreateFunctionCommand({
        ...{ FunctionName, Runtime: "nodejs24.x", Handler: "f.handler" },
        Role: "arn:aws:iam::123456789012:role/x",
        Code: { ZipFile: await buffer(zip.outputStream) },
      }),
    );
    const before = clock.now();
    const words = ["s3lambda", "-b2", "-s", "7", "-l", FunctionName, "incoming", "data/"];

    expect(await run(...words)).toEqual({
      status: 0,
      stdout: "",
      stderr: "data/in/a b+é.csv\ndata/in/big.csv\ndata/in/it's.txt\n",
    });
    expect(clock.now() - before).toBe(7000);
  });

  test("ends with 3 when it failed, and wrong usage is refused (CLI-207)", async () => {
    expect(await run("s3lambda", "nowhere", "x")).toMatchObject({ status: 3 });
    expect(await run("s3lambda", "-l", "nobody", "incoming", "data/")).toMatchObject({ status: 3 });
    expect(await run("s3lambda", "incoming")).toMatchObject({ status: 2 });
    const original = { env: {}, cwd: files.file("."), program: "s3lambda" };
    expect(await runCli(["s3lambda", "incoming"], original)).toMatchObject({ status: 1 });
    const none = await runCli(["s3lambda", "incoming", "x"], original);
    expect(none.status).toBe(1);
    expect(none.stderr).toContain("Cannot determine AWS region");
  });
});
