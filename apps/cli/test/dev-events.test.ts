import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { projectDir } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "./cli.ts";

const run = promisify(execFile);
const main = join(import.meta.dirname, "../src/main.ts");
const hasAws = spawnSync("aws", ["--version"], { stdio: "ignore" }).status === 0;

const HEAD = "owner: me\ndescription: test\nenabled: true\n";
const functionArn = (name: string): string =>
  `<{ lava.aws.arn("lambda-function", "lava-" ~ realm ~ "-${name}") }>`;
const trigger = (bucket: string): string =>
  `${HEAD}trigger_id: t/${bucket}
bucket: ${bucket}
prefix: in
job_id: t/told
globals: { by: "{{ bucket }} {{ key }}" }
`;
const FILES = {
  "config/dev.yaml":
    "realm: t\nprefix: { job: t, payload: t, s3trigger: t, rule: lava.t, docker_repo: lava/t }\ndocker: { base_img: img }\n",
  "lava-jobs/told.yaml": `${HEAD}job_id: t/told\nworker: core\ntype: cmd\npayload: echo "{{ globals.by }}"\n`,
  "lava-triggers/landing.yaml": trigger("landing"),
  "lava-triggers/inbox.yaml": trigger("inbox"),
  "lava-rules/arrived.yaml": `${HEAD}rule_id: lava.t.arrived
event_pattern:
  source: [aws.s3]
  detail-type: [Object Created]
  detail: { bucket: { name: [inbox] }, object: { key: [{ prefix: in/ }] } }
targets: ['${functionArn("s3trigger")}']
`,
  "lava-rules/ordered.yaml": `${HEAD}rule_id: lava.t.ordered
event_pattern: { source: [shop] }
targets:
  - Id: dispatch
    Arn: '${functionArn("dispatch")}'
    InputTransformer:
      InputPathsMap: { order: $.detail.order }
      InputTemplate: '{"job_id": "t/told", "globals": {"by": "order <order>"}}'
`,
};

let project: Awaited<ReturnType<typeof projectDir>>;
let settings: {
  region: string;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  forcePathStyle: true;
};

/** A command that starts processes, as a process of its own. */
const lava = (...args: string[]) =>
  run(
    process.execPath,
    ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning", main, ...args],
    { cwd: project.path, env: { ...process.env, LAVA_REALM: "", AWS_ENDPOINT_URL: "" } },
  );

beforeAll(async () => {
  project = await projectDir(FILES);
  await lava("dev", "up");
  const realm = JSON.parse(await readFile(project.file(".lava-dev/realm.json"), "utf8"));
  const { region, endpoint, accessKeyId, secretAccessKey } = realm;
  settings = {
    region,
    endpoint,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  };
}, 60_000);

afterAll(async () => {
  await lava("dev", "reset");
  await project[Symbol.asyncDispose]();
});

/** Waits for the job to have said this. */
async function told(words: string): Promise<void> {
  const cli = async (...args: string[]): Promise<string> =>
    (await runCli([...args, "--dev"], { cwd: project.path })).stdout;
  let outputs: string[] = [];
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const runs: { run_id: string; status: string }[] = JSON.parse(
      await cli("runs", "t/told", "--json"),
    );
    const done = runs.filter(({ status }) => status === "complete");
    outputs = await Promise.all(done.map(({ run_id }) => cli("logs", "t/told", run_id)));
    if (outputs.includes(`${words}\n`)) {
      // One event, one run.
      expect(outputs.filter((output) => output === `${words}\n`)).toHaveLength(1);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(outputs).toContain(`${words}\n`);
}

const put = async (Bucket: string, Key: string): Promise<void> => {
  const s3 = new S3Client(settings);
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
  s3.destroy();
};

describe("in a dev realm, a job runs", { timeout: 40_000 }, () => {
  test("for an object that is put into the bucket of a trigger, which is there already", async () => {
    await put("landing", "in/a b+c.csv");

    await told("landing in/a b+c.csv");
  });

  test.runIf(hasAws)("for a file that the aws command copies", async () => {
    const { region, endpoint, credentials } = settings;
    await run("aws", ["--endpoint-url", endpoint, "s3", "cp", main, "s3://landing/in/main.ts"], {
      env: {
        ...process.env,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      },
    });

    await told("landing in/main.ts");
  });

  test("for an object that a rule of the project hands to the s3trigger function, and once only (FW-158, LAM-221)", async () => {
    const s3 = new S3Client(settings);
    const { LambdaFunctionConfigurations } = await s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: "inbox" }),
    );
    s3.destroy();

    await put("inbox", "in/x");

    await told("inbox in/x");
    expect(LambdaFunctionConfigurations).toBeUndefined();
  });

  test("for a message to the dispatch topic", async () => {
    const sns = new SNSClient(settings);
    await sns.send(
      new PublishCommand({
        TopicArn: "arn:aws:sns:local:000000000000:lava-t-dispatch",
        Message: 't/told -g by="a message"',
      }),
    );
    sns.destroy();

    await told("a message");
  });

  test("for an event of an application that a rule transforms for the dispatch function (LAM-117)", async () => {
    const events = new EventBridgeClient(settings);
    await events.send(
      new PutEventsCommand({
        Entries: [{ Source: "shop", DetailType: "order", Detail: '{"order": 7}' }],
      }),
    );
    events.destroy();

    await told("order 7");
  });

  test("for a call of the dispatch function that nobody waits for (LAM-118)", async () => {
    const lambda = new LambdaClient(settings);
    await lambda.send(
      new InvokeCommand({
        FunctionName: "lava-t-dispatch",
        InvocationType: "Event",
        Payload: JSON.stringify({ job_id: "t/told", globals: { by: "a call" } }),
      }),
    );
    lambda.destroy();

    await told("a call");
    const { stdout } = await lava("dev", "logs", "aws", "-n", "500");
    expect(stdout).toMatch(/ info function=lava-t-dispatch: \{.*t\/told/);
  });

  test("for an object that no trigger was for until one was deployed", async () => {
    await put("landing", "later/x");
    await project.write({
      "lava-triggers/later.yaml": trigger("landing")
        .replace("prefix: in", "prefix: later")
        .replace("t/landing", "t/later"),
      "lava-triggers/new.yaml": trigger("brand-new"),
    });
    const { status, stderr } = await runCli(["deploy", "--dev"], { cwd: project.path });
    expect(status, stderr).toBe(0);

    await put("landing", "later/x");
    await put("brand-new", "in/x");

    await told("landing later/x");
    await told("brand-new in/x");
  });

  test("for an object that is removed, where a trigger asks for that", async () => {
    await project.write({
      "lava-triggers/gone.yaml": `${trigger("leaving")}if_event_type: "ObjectRemoved:*"\n`,
    });
    const { status, stderr } = await runCli(["deploy", "--dev"], { cwd: project.path });
    expect(status, stderr).toBe(0);

    await put("leaving", "in/x");
    const s3 = new S3Client(settings);
    await s3.send(new DeleteObjectCommand({ Bucket: "leaving", Key: "in/x" }));
    s3.destroy();

    await told("leaving in/x");
  });

  test("for an object of which a topic tells a queue, and the queue the function", async () => {
    const topic = "arn:aws:sns:local:000000000000:told";
    const queue = "arn:aws:sqs:local:000000000000:told";
    const [sns, sqs, s3] = [
      new SNSClient(settings),
      new SQSClient(settings),
      new S3Client(settings),
    ];
    const lambda = new LambdaClient(settings);
    await sns.send(new CreateTopicCommand({ Name: "told" }));
    await sqs.send(new CreateQueueCommand({ QueueName: "told" }));
    await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: "sqs", Endpoint: queue }));
    await lambda.send(
      new CreateEventSourceMappingCommand({
        EventSourceArn: queue,
        FunctionName: "lava-t-s3trigger",
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      }),
    );
    // The trigger's bucket, but by this way and not by its own.
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: "landing",
        NotificationConfiguration: {
          TopicConfigurations: [{ TopicArn: topic, Events: ["s3:ObjectCreated:*"] }],
        },
      }),
    );

    await put("landing", "in/the long way");

    await told("landing in/the long way");
    for (const client of [sns, sqs, s3, lambda]) client.destroy();
  });
});
