import { createHash } from "node:crypto";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  ResourceNotFoundException,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
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
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { createFakeClock } from "../../test/fake-clock.ts";
import { zipOf } from "../../test/zip.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
let lambda: LambdaClient;
let sqs: SQSClient;
let s3: S3Client;
let sns: SNSClient;
let events: EventBridgeClient;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  aws = await startLocalAws();
  const settings = clientSettings(aws);
  lambda = new LambdaClient(settings);
  sqs = new SQSClient(settings);
  s3 = new S3Client(settings);
  sns = new SNSClient(settings);
  events = new EventBridgeClient(settings);
  logs = new CloudWatchLogsClient(settings);
});
afterAll(() => aws[Symbol.asyncDispose]());

const ACCOUNT = "000000000000";
const functionArn = (name: string) => `arn:aws:lambda:local:${ACCOUNT}:function:${name}`;
const queueArn = (name: string) => `arn:aws:sqs:local:${ACCOUNT}:${name}`;

async function create(
  name: string,
  source: string,
  over: Partial<CreateFunctionCommandInput> = {},
) {
  return lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: `arn:aws:iam::${ACCOUNT}:role/any`,
      Code: { ZipFile: await zipOf({ "index.mjs": source }) },
      ...over,
    }),
  );
}

/** A function that puts its events on a queue of its name. */
async function recorder(name: string, body = "") {
  await sqs.send(new CreateQueueCommand({ QueueName: `${name}-log` }));
  const { pathname } = new URL(import.meta.resolve("@aws-sdk/client-sqs"));
  await create(
    name,
    `import { SQSClient, SendMessageCommand } from ${JSON.stringify(pathname)};
     const sqs = new SQSClient({});
     export const handler = async (event) => {
       await sqs.send(new SendMessageCommand({ QueueUrl: process.env.LOG, MessageBody: JSON.stringify(event) }));
       ${body}
     };`,
    { Timeout: 20, Environment: { Variables: { LOG: `${aws.endpoint}/${ACCOUNT}/${name}-log` } } },
  );
}

async function recorded(name: string): Promise<unknown> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: `${aws.endpoint}/${ACCOUNT}/${name}`,
      WaitTimeSeconds: 15,
    }),
  );
  return JSON.parse(Messages[0]?.Body ?? "null");
}

async function allow(name: string, principal: string, source?: string) {
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: name,
      StatementId: principal.replaceAll(".", "-"),
      Action: "lambda:InvokeFunction",
      Principal: principal,
      ...(source === undefined ? {} : { SourceArn: source }),
    }),
  );
}

const payloadOf = (payload: Uint8Array | undefined): unknown =>
  JSON.parse(Buffer.from(payload ?? []).toString() || "null");

describe("a function", () => {
  test("runs its own code with its environment, and is invoked with its answer and the end of its log", async () => {
    await create(
      "echo",
      `console.log("loaded", process.env.COLOUR);
       export const handler = async (event, context) => {
         console.error("called");
         return { event, name: context.functionName, left: context.getRemainingTimeInMillis() > 1000, region: process.env.AWS_REGION };
       };`,
      { Environment: { Variables: { COLOUR: "red" } } },
    );

    const answer = await lambda.send(
      new InvokeCommand({
        FunctionName: "echo",
        Payload: JSON.stringify({ a: 1 }),
        LogType: "Tail",
      }),
    );

    expect(payloadOf(answer.Payload)).toEqual({
      event: { a: 1 },
      name: "echo",
      left: true,
      region: "local",
    });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
    expect(answer.FunctionError).toBeUndefined();
    const tail = Buffer.from(answer.LogResult ?? "", "base64").toString();
    expect(tail).toMatch(/loaded red\ncalled\nREPORT RequestId: /);
    const { events: lines } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: "/aws/lambda/echo" }),
    );
    expect(lines?.map(({ message }) => message)).toEqual([
      "loaded red",
      "called",
      expect.stringMatching(/^REPORT /),
    ]);
  });

  test("answers what it throws, and goes on", async () => {
    await create(
      "thrower",
      `let n = 0; export const handler = async () => { n += 1; if (n === 1) throw new RangeError("no"); return n; };`,
    );

    const bad = await lambda.send(new InvokeCommand({ FunctionName: "thrower" }));
    const good = await lambda.send(new InvokeCommand({ FunctionName: "thrower" }));

    expect(bad.FunctionError).toBe("Unhandled");
    expect(payloadOf(bad.Payload)).toMatchObject({
      errorType: "RangeError",
      errorMessage: "no",
      trace: expect.any(Array),
    });
    expect(payloadOf(good.Payload)).toBe(2);
  });

  test.each([
    [
      "takes too long",
      "await new Promise(() => setInterval(() => {}, 1000));",
      "Sandbox.Timedout",
      /Task timed out after 1\.00 seconds/,
    ],
    ["never gives way", "for (;;);", "Sandbox.Timedout", /Task timed out/],
    ["ends its process", "process.exit(3);", "Runtime.ExitError", /exit status 3/],
  ])(
    "that %s is ended, and the next call gets a new one",
    async (what, body, errorType, message) => {
      const name = what.replaceAll(" ", "-");
      await create(
        name,
        `export const handler = async (event) => { if (event.ok) return "fine"; ${body} };`,
        { Timeout: 1 },
      );

      const bad = await lambda.send(new InvokeCommand({ FunctionName: name }));
      expect(payloadOf(bad.Payload)).toMatchObject({
        errorType,
        errorMessage: expect.stringMatching(message),
      });
      const good = await lambda.send(
        new InvokeCommand({ FunctionName: name, Payload: '{"ok":true}' }),
      );

      expect(payloadOf(good.Payload)).toBe("fine");
    },
  );

  test.each([
    ["missing.handler", "Runtime.ImportModuleError"],
    ["index.nothing", "Runtime.HandlerNotFound"],
  ])("whose handler is %s says so", async (Handler, errorType) => {
    const name = Handler.replace(".", "-");
    await create(name, "export const handler = async () => 1;", { Handler });

    expect(
      payloadOf((await lambda.send(new InvokeCommand({ FunctionName: name }))).Payload),
    ).toMatchObject({ errorType });
  });

  test("is updated, published, rolled back by its alias and deleted", async () => {
    const code = (text: string) =>
      zipOf({ "index.mjs": `export const handler = async () => "${text}";` });
    const call = async (qualifier?: string) =>
      payloadOf(
        (await lambda.send(new InvokeCommand({ FunctionName: "versions", Qualifier: qualifier })))
          .Payload,
      );
    await create("versions", `export const handler = async () => "one";`);
    const first = await lambda.send(new PublishVersionCommand({ FunctionName: "versions" }));
    await lambda.send(
      new CreateAliasCommand({ FunctionName: "versions", Name: "live", FunctionVersion: "1" }),
    );
    expect([first.Version, await call("live")]).toEqual(["1", "one"]);

    const second = await lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: "versions",
        ZipFile: await code("two"),
        Publish: true,
      }),
    );
    await lambda.send(
      new UpdateAliasCommand({ FunctionName: "versions", Name: "live", FunctionVersion: "2" }),
    );
    expect([second.Version, await call(), await call("live"), await call("1")]).toEqual([
      "2",
      "two",
      "two",
      "one",
    ]);
    await lambda.send(
      new UpdateAliasCommand({ FunctionName: "versions", Name: "live", FunctionVersion: "1" }),
    );
    expect(await call("live")).toBe("one");
    const { Versions } = await lambda.send(
      new ListVersionsByFunctionCommand({ FunctionName: "versions" }),
    );
    expect(Versions?.map(({ Version }) => Version)).toEqual(["$LATEST", "1", "2"]);
    expect(
      (await lambda.send(new PublishVersionCommand({ FunctionName: "versions" }))).Version,
    ).toBe("2");

    // The code of each is where AWS says, for whoever was told.
    const codeOf = async (Qualifier: string): Promise<Buffer> => {
      const { Code } = await lambda.send(
        new GetFunctionCommand({ FunctionName: "versions", Qualifier }),
      );
      const response = await fetch(Code?.Location ?? "");
      return Buffer.from(await response.arrayBuffer());
    };
    for (const [at, version] of Versions?.slice(1).entries() ?? []) {
      // oxlint-disable-next-line no-await-in-loop -- two
      const archive = await codeOf(String(at + 1));
      expect(createHash("sha256").update(archive).digest("base64")).toBe(version.CodeSha256);
    }
    const nowhere = await fetch(`${aws.endpoint}/_lambda/${"0".repeat(64)}.zip`);
    expect(nowhere.status).toBe(403);

    await lambda.send(new DeleteFunctionCommand({ FunctionName: "versions" }));
    await expect(
      lambda.send(new GetFunctionCommand({ FunctionName: "versions" })),
    ).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  test("can come from a bucket; its settings change without its code", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "code" }));
    await s3.send(
      new PutObjectCommand({
        Bucket: "code",
        Key: "f.zip",
        Body: await zipOf({ "lib/f.cjs": "exports.go = async () => process.env.X;" }),
      }),
    );
    await create("from-s3", "", {
      Handler: "lib/f.go",
      Code: { S3Bucket: "code", S3Key: "f.zip" },
    });
    await lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: "from-s3",
        Environment: { Variables: { X: "y" } },
      }),
    );

    expect(
      payloadOf(
        (await lambda.send(new InvokeCommand({ FunctionName: functionArn("from-s3") }))).Payload,
      ),
    ).toBe("y");
    const { Configuration } = await lambda.send(
      new GetFunctionCommand({ FunctionName: "from-s3" }),
    );
    expect(Configuration).toMatchObject({
      Handler: "lib/f.go",
      Timeout: 3,
      MemorySize: 128,
      State: "Active",
    });
    const { Functions } = await lambda.send(new ListFunctionsCommand({}));
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toContain("from-s3");
  });

  test.each([
    [{ Runtime: "python3.13" as const }, "NotImplemented"],
    [{ Code: { ZipFile: Buffer.from("no zip") } }, "InvalidParameterValueException"],
    [{ Code: { S3Bucket: "nowhere", S3Key: "x" } }, "InvalidParameterValueException"],
    [{ Timeout: 901 }, "ValidationException"],
  ])("of %j is refused", async (over, name) => {
    await expect(create("refused", "", over)).rejects.toMatchObject({ name });
  });

  test("an event that is no JSON is refused; a dry run runs nothing", async () => {
    await create("dry", `export const handler = async () => { throw new Error("ran"); };`);

    await expect(
      lambda.send(new InvokeCommand({ FunctionName: "dry", Payload: "{" })),
    ).rejects.toMatchObject({ name: "InvalidRequestContentException" });
    expect(
      await lambda.send(new InvokeCommand({ FunctionName: "dry", InvocationType: "DryRun" })),
    ).toMatchObject({ StatusCode: 204 });
  });
});

describe("what reaches a function", () => {
  test("an event of nobody who waits (InvocationType Event)", async () => {
    await recorder("async");

    const { StatusCode } = await lambda.send(
      new InvokeCommand({ FunctionName: "async", InvocationType: "Event", Payload: '{"n":1}' }),
    );

    expect([StatusCode, await recorded("async-log")]).toEqual([202, { n: 1 }]);
  });

  test("an object of a bucket, once S3 may invoke it", async () => {
    await recorder("on-put");
    await s3.send(new CreateBucketCommand({ Bucket: "puts" }));
    const notify = () =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: "puts",
          NotificationConfiguration: {
            LambdaFunctionConfigurations: [
              { LambdaFunctionArn: functionArn("on-put"), Events: ["s3:ObjectCreated:*"] },
            ],
          },
        }),
      );

    await expect(notify()).rejects.toThrow(
      "Unable to validate the following destination configurations",
    );
    await allow("on-put", "s3.amazonaws.com", "arn:aws:s3:::puts");
    await notify();
    await s3.send(new PutObjectCommand({ Bucket: "puts", Key: "a b", Body: "x" }));

    expect(await recorded("on-put-log")).toMatchObject({
      Records: [
        { eventSource: "aws:s3", eventName: "ObjectCreated:Put", s3: { object: { key: "a+b" } } },
      ],
    });
  });

  test("a message of a topic, in the envelope that functions get", async () => {
    await recorder("on-message");
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "topic" }));
    await allow("on-message", "sns.amazonaws.com", TopicArn);
    await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint: functionArn("on-message") }),
    );

    await sns.send(new PublishCommand({ TopicArn, Message: "job -p x=1", Subject: "s" }));

    expect(await recorded("on-message-log")).toMatchObject({
      Records: [
        {
          EventSource: "aws:sns",
          Sns: {
            Type: "Notification",
            Message: "job -p x=1",
            Subject: "s",
            MessageId: expect.any(String),
          },
        },
      ],
    });
  });

  test("an event by a rule whose name its policy allows, transformed; a rule that may not is dropped (FW-159)", async () => {
    await recorder("on-event");
    await allow(
      "on-event",
      "events.amazonaws.com",
      `arn:aws:events:local:${ACCOUNT}:rule/lava.r.*`,
    );
    for (const Name of ["other", "lava.r.a"]) {
      await events.send(
        new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: ["app"] }) }),
      );
      await events.send(
        new PutTargetsCommand({
          Rule: Name,
          Targets: [
            {
              Id: "f",
              Arn: functionArn("on-event"),
              InputTransformer: {
                InputPathsMap: { n: "$.detail.n" },
                InputTemplate: `{"rule": "${Name}", "n": <n>}`,
              },
            },
          ],
        }),
      );
    }

    await events.send(
      new PutEventsCommand({ Entries: [{ Source: "app", DetailType: "t", Detail: '{"n":7}' }] }),
    );

    expect(await recorded("on-event-log")).toEqual({ rule: "lava.r.a", n: 7 });
    const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName: "on-event" }));
    expect(JSON.parse(Policy ?? "")).toMatchObject({
      Statement: [
        {
          Principal: { Service: "events.amazonaws.com" },
          Condition: { ArnLike: { "AWS:SourceArn": expect.stringContaining("rule/lava.r.*") } },
        },
      ],
    });
    await lambda.send(
      new RemovePermissionCommand({
        FunctionName: "on-event",
        StatementId: "events-amazonaws-com",
      }),
    );
    await expect(
      lambda.send(new GetPolicyCommand({ FunctionName: "on-event" })),
    ).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  test("a tick of a rule's schedule", async () => {
    const clock = createFakeClock(Date.now());
    await using other = await startLocalAws({ clock });
    const settings = clientSettings(other);
    const functions = new LambdaClient(settings);
    const rules = new EventBridgeClient(settings);
    const lines = new CloudWatchLogsClient(settings);
    await functions.send(
      new CreateFunctionCommand({
        FunctionName: "ticks",
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: `arn:aws:iam::${ACCOUNT}:role/any`,
        Code: {
          ZipFile: await zipOf({
            "index.mjs": "export const handler = async (e) => console.log(e['detail-type']);",
          }),
        },
      }),
    );
    await functions.send(
      new AddPermissionCommand({
        FunctionName: "ticks",
        StatementId: "rule",
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
      }),
    );
    await rules.send(new PutRuleCommand({ Name: "tick", ScheduleExpression: "rate(1 minute)" }));
    await rules.send(
      new PutTargetsCommand({ Rule: "tick", Targets: [{ Id: "f", Arn: functionArn("ticks") }] }),
    );

    await clock.advance(61_000);

    await vi.waitFor(
      async () => {
        const { events: found = [] } = await lines.send(
          new FilterLogEventsCommand({ logGroupName: "/aws/lambda/ticks" }),
        );
        expect(found.map(({ message }) => message)).toContain("Scheduled Event");
      },
      { timeout: 5000, interval: 20 },
    );
    for (const client of [functions, rules, lines]) client.destroy();
  });

  test("an event by a rule also goes to a log group (FW-158)", async () => {
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/events/all" }));
    await events.send(
      new PutRuleCommand({ Name: "to-log", EventPattern: JSON.stringify({ source: ["logged"] }) }),
    );
    await events.send(
      new PutTargetsCommand({
        Rule: "to-log",
        Targets: [{ Id: "l", Arn: `arn:aws:logs:local:${ACCOUNT}:log-group:/events/all` }],
      }),
    );

    await events.send(
      new PutEventsCommand({ Entries: [{ Source: "logged", DetailType: "t", Detail: "{}" }] }),
    );

    const { events: lines } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: "/events/all" }),
    );
    expect(JSON.parse(lines?.[0]?.message ?? "")).toMatchObject({ source: "logged" });
  });

  test("messages of a queue: what it names in its answer comes again and ends in the dead-letter queue", async () => {
    await sqs.send(new CreateQueueCommand({ QueueName: "dead" }));
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({
        QueueName: "source",
        Attributes: {
          VisibilityTimeout: "1",
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: queueArn("dead"),
            maxReceiveCount: 2,
          }),
        },
      }),
    );
    await create(
      "on-queue",
      `export const handler = async ({ Records }) => ({
         batchItemFailures: Records.filter((r) => r.body === "bad").map((r) => ({ itemIdentifier: r.messageId })),
       });`,
    );
    await lambda.send(
      new CreateEventSourceMappingCommand({
        EventSourceArn: queueArn("source"),
        FunctionName: "on-queue",
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      }),
    );

    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: ["good", "bad", "fine"].map((MessageBody, at) => ({ Id: `${at}`, MessageBody })),
      }),
    );

    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: `${aws.endpoint}/${ACCOUNT}/dead`,
        WaitTimeSeconds: 15,
        MaxNumberOfMessages: 10,
      }),
    );
    expect(Messages?.map(({ Body }) => Body)).toEqual(["bad"]);
  });
});

test("an event that fails for good goes to the destination for failures, with the reason", async () => {
  await sqs.send(new CreateQueueCommand({ QueueName: "failed" }));
  await create("fails", `export const handler = async () => { throw new Error("never"); };`);
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "fails",
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: queueArn("failed") } },
    }),
  );

  await lambda.send(
    new InvokeCommand({ FunctionName: "fails", InvocationType: "Event", Payload: '{"n":1}' }),
  );

  expect(await recorded("failed")).toMatchObject({
    requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 1 },
    requestPayload: { n: 1 },
    responsePayload: { errorMessage: "never" },
  });
});
