import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type DataMap, isMap, parseJson } from "@lava/core";
import { type BenchRealm, benchRealm, cmdJob, WORKER } from "./bench-realm.ts";
import { type Measurement, median, ms } from "./measurement.ts";
import { PROGRAMS } from "./processes.ts";

/** Objects of one event. */
const EVENTS = 1000;
/** How often each function is loaded; one of the two cores is often somebody else's. */
const LOADS = 9;
const FUNCTIONS = ["dispatch", "s3trigger", "metrics", "stop"];

interface Timing {
  readonly import: number;
  readonly call: number;
}

/** Runs a program with an event on stdin; its last line of `stream` is the answer. */
async function timeCall(
  command: readonly string[],
  event: DataMap | null,
  env: NodeJS.ProcessEnv,
  stream: "stdout" | "stderr",
): Promise<Timing> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env, stdio: "pipe" });
  child.stdin.end(JSON.stringify(event));
  const [out, other] = await Promise.all([
    text(child[stream]),
    text(child[stream === "stdout" ? "stderr" : "stdout"]),
  ]);
  const answer = parseJson(out.trim().split("\n").at(-1) ?? "");
  if (!isMap(answer)) throw new Error(`${command.join(" ")}: ${out}${other}`);
  return { import: Number(answer["import"]), call: Number(answer["call"]) };
}

const bundle = (name: string): string => join(PROGRAMS, "functions", `${name}.mjs`);

const ours = (name: string, event: DataMap | null, bench: BenchRealm): Promise<Timing> =>
  timeCall(
    [process.execPath, join(import.meta.dirname, "call-function.mjs"), bundle(name)],
    event,
    { ...bench.env, LAVA_REALM: "bench", LOGLEVEL: "error" },
    "stderr",
  );

const python = (args: readonly string[], event: DataMap, bench: BenchRealm): Promise<Timing> =>
  timeCall(
    [
      bench.env["LAVA_ORIGINAL_PYTHON"] ?? "python3",
      join(import.meta.dirname, "s3trigger.py"),
      ...args,
    ],
    event,
    { ...bench.env, LAVA_REALM: "bench", LOGLEVEL: "error" },
    "stdout",
  );

/** One notification of so many objects, each with a name of its own. */
function notification(count: number): DataMap {
  return {
    Records: Array.from({ length: count }, (_none, index) => ({
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: "ap-southeast-2",
      eventTime: "2026-11-23T07:47:15.123Z",
      eventName: "ObjectCreated:Put",
      requestParameters: { sourceIPAddress: "10.1.2.3" },
      s3: {
        bucket: { name: "incoming" },
        object: { key: `in/day-${index % 30}/x${index}.csv`, size: 1024, sequencer: `00${index}` },
      },
    })),
  };
}

async function queueUrl({ realm }: BenchRealm): Promise<string> {
  const sqs = await realm.clients.sqs();
  const { GetQueueUrlCommand } = await import("@aws-sdk/client-sqs");
  const { QueueUrl = "" } = await sqs.send(
    new GetQueueUrlCommand({ QueueName: `lava-bench-${WORKER}` }),
  );
  return QueueUrl;
}

/** The functions: their size and how long they take to load, and 1,000 objects in one call of s3trigger. */
export async function benchFunctions(): Promise<readonly Measurement[]> {
  await using bench = await benchRealm();
  await bench.put(cmdJob("bench/load", "true"));
  await bench.realm.s3triggers.put({
    trigger_id: "bench",
    bucket: "incoming",
    prefix: "in",
    if_fnmatch: "*.csv",
    job_id: "bench/load",
    enabled: true,
    owner: "bench",
    description: "",
    parameters: { vars: { file: "s3://{{ bucket }}/{{ key }}", day: "{{ key.split('/')[1] }}" } },
    globals: { at: "{{ info.event_time }}" },
  });
  const rows: Measurement[] = [];
  const url = await queueUrl(bench);
  const original = bench.env["LAVA_ORIGINAL"];
  const warm = notification(1);

  const peers: Timing[] = [];
  const originals: Timing[] = [];
  const loads = new Map<string, Timing[]>(FUNCTIONS.map((name) => [name, []]));
  for (let round = 0; round < LOADS; round += 1) {
    for (const name of FUNCTIONS) {
      loads.get(name)?.push(await ours(name, name === "s3trigger" ? warm : null, bench));
    }
    peers.push(await python(["-", url], warm, bench));
    if (original !== undefined) originals.push(await python([original], warm, bench));
  }
  const imported = (timings: readonly Timing[]): number =>
    median(timings.map((timing) => timing.import));
  for (const name of FUNCTIONS) {
    const value = imported(loads.get(name) ?? []);
    const kb = statSync(bundle(name)).size / 1024;
    rows.push({
      what: `function ${name}: import, size`,
      value: `${ms(value)}, ${kb.toFixed(0)} KB`,
      ...(name === "s3trigger"
        ? {
            peer: `import boto3 and jinja2 ${ms(imported(peers))}, ratio ${(value / imported(peers)).toFixed(2)}; ${
              original === undefined ? "original: 195 ms" : `original ${ms(imported(originals))}`
            }`,
          }
        : {}),
      budget: "150 ms, 1 MB",
      ok: value <= 150 && kb <= 1024,
    });
  }
  const first = median((loads.get("s3trigger") ?? []).map((timing) => timing.import + timing.call));
  rows.push({ what: "function s3trigger: import and first event", value: ms(first) });

  const event = notification(EVENTS);
  const many = await ours("s3trigger", event, bench);
  const bare = await python(["-", url], event, bench);
  const theirs = original === undefined ? undefined : await python([original], event, bench);
  const rate = (timing: Timing): string => `${((EVENTS * 1000) / timing.call).toFixed(0)}/s`;
  rows.push({
    what: `${EVENTS.toLocaleString("en")} S3 events in one s3trigger call`,
    value: `${ms(many.call)}, ${rate(many)}`,
    peer: `boto3 that only sends ${rate(bare)}, ratio ${(bare.call / many.call).toFixed(1)}; ${
      theirs === undefined
        ? "original: 48 s"
        : `original ${rate(theirs)}, ratio ${(theirs.call / many.call).toFixed(1)}`
    }`,
    budget: "10 s, 5x the original",
    ok: many.call <= 10_000 && (theirs === undefined || theirs.call >= 5 * many.call),
  });
  return rows;
}
