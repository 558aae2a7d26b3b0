import type { Data } from "@lava/core";
import type { CheckedCondition, ExplainedEvent, ExplainedTrigger } from "@lava/lambdas";
import type { Realm } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { readJson } from "../helpers/read-data.ts";
import { byteSize } from "../option-values.ts";
import { printJson, printLine, styles } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { EXIT } from "../report-error.ts";

interface TestOptions extends RealmOptions {
  readonly event: string;
  readonly size?: number;
  readonly eventFile?: string;
  readonly json?: boolean;
}

/** `lava trigger test`. */
export const registerTrigger: Register = (program, context) => {
  const trigger = program
    .command("trigger")
    .description("what objects in S3 would run")
    .addHelpText(
      "after",
      helpExamples(
        ["lava trigger test incoming data/in/x.csv", "which triggers match, and what they send"],
        ['lava trigger test incoming a.zip --event "Object Restore Completed"', "another event"],
        ["lava trigger test --event-file event.json", "an event as it was logged"],
      ),
    );
  addRealmOptions(
    trigger
      .command("test")
      .description(
        "say which triggers match an object, why or why not, and what would be dispatched; sends nothing, and ends with status 1 when nothing would be",
      )
      .argument("[bucket]", "name of the bucket")
      .argument("[key]", "key of the object, which need not be there")
      .option(
        "--event <type>",
        "ObjectCreated:Put, ObjectRemoved:Delete, or as EventBridge has it: Object Created:PutObject",
        "ObjectCreated:Put",
      )
      .option(
        "--size <bytes>",
        "size of the object: 10, 5K (default: its size if it is there)",
        byteSize,
      )
      .option(
        "--event-file <file>",
        "the whole event, JSON, in place of bucket and key; - is stdin",
      )
      .option("--json", "print JSON"),
  ).action((bucket: string | undefined, key: string | undefined, options: TestOptions) =>
    testTrigger(bucket, key, options, context),
  );
};

async function testTrigger(
  bucket: string | undefined,
  key: string | undefined,
  options: TestOptions,
  context: CliContext,
): Promise<void> {
  const [{ explainEvents }, { createRenderer, templateUtils }, { openDispatchRealm }] =
    await Promise.all([import("@lava/lambdas"), import("@lava/render"), import("@lava/realm")]);
  const { clock } = context;
  await withRealm(options, context, async (realm) => {
    const { clients, config } = realm;
    const { region } = clients.settings;
    const input =
      options.eventFile === undefined
        ? await makeEvent(bucket, key, options, realm, context)
        : await readJson(options.eventFile, context);
    const told = await explainEvents(
      input,
      openDispatchRealm(realm.name, { clients, config, clock }),
      {
        renderer: createRenderer(),
        utils: templateUtils({ clock }),
        maxDelayMinutes: config.SQS_MAX_DELAY_MINS,
        region,
      },
    );
    const runs = told.flatMap(({ triggers }) => triggers.flatMap((one) => one.runs));
    if (!runs.some(({ outcome }) => outcome === "sent")) context.exitStatus = EXIT.failure;
    if (options.json) printJson(context.stdout, told);
    else for (const one of told) print(one, context);
  });
}

async function makeEvent(
  bucket: string | undefined,
  key: string | undefined,
  { event, size }: TestOptions,
  realm: Realm,
  { clock }: CliContext,
): Promise<Data> {
  if (bucket === undefined || key === undefined) {
    const { LavaError } = await import("@lava/core");
    throw new LavaError("BAD_OPTIONS", "Which object? Give BUCKET and KEY, or --event-file", {
      kind: "usage",
    });
  }
  const { makeS3Event } = await import("@lava/lambdas");
  const isGone = /remove|delete/i.test(event);
  return makeS3Event({
    ...{ bucket, key, type: event, time: clock.now() },
    region: realm.clients.settings.region ?? "us-east-1",
    size: size ?? (isGone ? null : await sizeOf(bucket, key, realm)),
  });
}

/** Size of an object that is there and may be looked at. */
async function sizeOf(Bucket: string, Key: string, { clients }: Realm): Promise<number | null> {
  const [s3, { HeadObjectCommand, S3ServiceException }] = await Promise.all([
    clients.s3(),
    import("@aws-sdk/client-s3"),
  ]);
  try {
    const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    return ContentLength ?? null;
  } catch (error) {
    if (error instanceof S3ServiceException) return null;
    throw error;
  }
}

function print(told: ExplainedEvent, { stdout }: CliContext): void {
  const { event, level, levels, triggers } = told;
  const style = styles(stdout);
  const size = event.size === null ? "no size" : `${event.size} bytes`;
  printLine(
    stdout,
    style.bold(`s3://${event.bucket}/${event.key}  ${event.event_type ?? "?"}, ${size}`),
  );
  if (level === undefined) {
    printLine(stdout, `No trigger has one of the prefixes: ${levels.join(", ")}`);
  }
  const shown = triggers.filter(({ outcome }) => level === undefined || outcome !== "elsewhere");
  for (const trigger of shown) {
    const isFiring = trigger.outcome === "fires";
    const mark = isFiring ? style.green("fires") : style.yellow("does not fire");
    printLine(stdout, `${trigger.trigger_id}  ${mark}: ${reasonOf(trigger, told)}`);
    for (const condition of trigger.conditions) {
      printLine(stdout, `  ${condition.holds ? "yes" : "no "}  ${conditionText(condition)}`);
    }
    for (const fault of trigger.faults) printLine(stdout, `  ${style.red(fault)}`);
    for (const run of trigger.runs) {
      const delay = run.delay === 0 ? "" : `, after ${run.delay} s`;
      const outcome =
        run.outcome === "sent" ? `on ${run.worker ?? "?"}${delay}` : style.red(run.outcome);
      printLine(stdout, `  job ${run.job_id}  ${outcome}`);
      if (run.loop) {
        printLine(stdout, `    ${style.red("a loop: the object is this job's own output")}`);
      }
      for (const name of ["globals", "parameters"] as const) {
        if (Object.keys(run[name]).length === 0) continue;
        printLine(stdout, `    ${name}: ${jsonText(run[name])}`);
      }
    }
  }
}

function reasonOf({ outcome, prefix }: ExplainedTrigger, { level, event }: ExplainedEvent): string {
  switch (outcome) {
    case "fires":
      return `prefix ${prefix}`;
    case "conditions":
      return "a condition does not hold";
    case "disabled":
      return "it is not enabled";
    case "bad":
      return "it cannot be used";
    case "farther":
      return `prefix ${prefix}, and ${level ?? ""} is nearer`;
    case "elsewhere":
      return prefix.endsWith("/") && event.key.startsWith(prefix)
        ? `prefix ${prefix} ends with a slash, and no prefix is looked for with one`
        : `prefix ${prefix} is no folder of the key`;
  }
}

function conditionText({ name, expected, actual }: CheckedCondition): string {
  return `${name}: ${jsonText(expected)}  (${actual === null ? "not told" : String(actual)})`;
}

function jsonText(value: unknown): string {
  let text = "";
  printJson({ write: (part) => (text += String(part)) }, value);
  return text.replaceAll(/\n\s*/g, " ").trim();
}
