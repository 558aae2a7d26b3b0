import { createServer } from "node:http";
import { PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { ListIdentitiesCommand, VerifyDomainIdentityCommand } from "@aws-sdk/client-ses";
import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { Data, DataMap } from "@lava/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

let at: WorkerRealm;
let count = 0;
beforeAll(async () => {
  at = await workerRealm({
    record: { config: { ACTION_TIMEOUT: "4s" } },
    connections: [
      { conn_id: "mail", type: "email", from: "lava@x.org" },
      { conn_id: "slow", type: "slack", webhook_url: "http://127.0.0.1:9/" },
    ],
    payloads: { "report.txt": "a report" },
  });
  await at.start();
});
afterAll(() => at[Symbol.asyncDispose]());
afterEach(() => {
  at.logs.length = 0;
});

/** Runs a job with these actions to its end. */
async function act(actions: Data, job: DataMap = {}) {
  const job_id = `job-${(count += 1)}`;
  await at.realm.jobs.put({
    ...{ job_id, type: "cmd", worker: "core", enabled: true, payload: "true" },
    on_success: actions,
    ...job,
  });
  return at.run(job_id);
}

/** A queue of its own, with what it gets. */
async function queue(attributes: Record<string, string> = {}) {
  const name = `q${(count += 1)}${attributes["FifoQueue"] === "true" ? ".fifo" : ""}`;
  const sqs = await at.realm.clients.sqs();
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  return {
    name,
    url: QueueUrl ?? "",
    arn: `arn:aws:sqs:local:000000000000:${name}`,
    async receive() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ["All"],
        }),
      );
      return Messages;
    },
  };
}

describe("email", () => {
  const email = {
    action: "email",
    to: ["b@x.org"],
    subject: "{{ job.job_id }} done",
    message: "status {{ result.exit_status }}",
  };

  test("by a connection, with files (ACT-email-01, WF-224)", async () => {
    const uri = `${at.realm.record.s3_payloads}/{{ 'report' }}.txt`;
    const { status, job_id } = await act([{ ...email, email_conn: "mail", attachments: [uri] }]);

    expect(status).toBe("complete");
    const mail = at.emulated.aws.mails().at(-1);
    expect(mail).toMatchObject({
      from: "lava@x.org",
      destinations: ["b@x.org"],
      subject: `${job_id} done`,
    });
    expect(mail?.raw).toContain("status 0");
    expect(mail?.raw).toContain("filename=report.txt");
  });

  test("by SES directly: the sender is guessed, HTML is what begins with exactly that (ACT-email-02, WF-225)", async () => {
    const none = await act([email]);
    expect(none.status).toBe("action_failed");
    expect(none.log.at(-1)?.info).toBe("on_success action: email: No verified SES domains");

    const ses = await at.realm.clients.ses("us-east-1");
    await ses.send(new VerifyDomainIdentityCommand({ Domain: "example.org" }));
    expect(await ses.send(new ListIdentitiesCommand({}))).toMatchObject({
      Identities: ["example.org"],
    });
    await act([
      { ...email, message: "<HTML>x" },
      { ...email, message: " <html>x", from: "me@y.org", region: "eu-west-1" },
    ]);

    const [first, second] = at.emulated.aws.mails().slice(-2);
    expect(first).toMatchObject({
      from: `lava.${at.realm.name}@example.org`,
      html: "<HTML>x",
      region: "us-east-1",
    });
    expect(second).toMatchObject({ from: "me@y.org", text: " <html>x", region: "eu-west-1" });
  });

  test("files need a connection, other keys are refused", async () => {
    const files = await act([{ ...email, attachments: ["x"] }]);
    expect(files.log.at(-1)?.info).toBe(
      "on_success action: email: email_conn must be specified to enable attachments",
    );
    const odd = await act([{ ...email, cc: "c@x.org" }]);
    expect(odd.log.at(-1)?.info).toBe("on_success action: email: Unexpected keys: cc");
  });
});

describe("event", () => {
  test("details are a map, JSON text, or what happened; a failure has its exit status (ACT-event-01, ACT-event-02, WF-220)", async () => {
    const target = await queue();
    const events = await at.realm.clients.eventBridge();
    const EventPattern = JSON.stringify({ source: [`lava.${at.realm.name}`, "mine"] });
    await events.send(new PutRuleCommand({ Name: "all", EventPattern }));
    await events.send(
      new PutTargetsCommand({ Rule: "all", Targets: [{ Id: "q", Arn: target.arn }] }),
    );

    const { job_id, run_id } = await act([{ action: "event" }], {
      payload: "sh -c 'exit 3'",
      on_fail: [
        { action: "event" },
        {
          action: "event",
          source: "mine",
          detail_type: "T",
          resources: ["arn:x:{{ job.job_id }}"],
          detail: { e: "{{ result.error }}" },
        },
        { action: "event", detail: '{"n": {{ 1 + 1 }}}' },
      ],
    });
    const received = (await target.receive()).map(
      ({ Body }) => JSON.parse(Body ?? "") as Record<string, unknown>,
    );

    expect(received.map(({ detail }) => detail)).toEqual([
      { realm: at.realm.name, worker: "core", job_id, run_id, exit_status: 3 },
      { e: "Failed with exit status 3" },
      { n: 2 },
    ]);
    expect(received.map((event) => event["detail-type"])).toEqual([
      "Lava Job Action",
      "T",
      "Lava Job Action",
    ]);
    expect(received[1]).toMatchObject({ resources: [`arn:x:${job_id}`], source: "mine" });
  });

  test("what EventBridge refuses is told (ACT-event-03)", async () => {
    const run = await act([{ action: "event", detail: "only text" }]);
    expect(run.log.at(-1)?.info).toBe(
      "on_success action: event: Failed to put event to EventBridge: MalformedDetail: Detail is malformed.",
    );
  });
});

test("sns publishes text or JSON, its subject cut at 100 characters (ACT-sns-01, WF-221)", async () => {
  const target = await queue();
  const sns = await at.realm.clients.sns();
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "t" }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: target.arn }));

  await act([
    { action: "sns", topic: TopicArn ?? "", message: "{{ job.job_id }}", subject: "s".repeat(120) },
    { action: "sns", topic: TopicArn ?? "", message: { job: "{{ result.exit_status }}", n: 1 } },
  ]);

  const envelopes = (await target.receive()).map(
    ({ Body }) => JSON.parse(Body ?? "") as Record<string, unknown>,
  );
  expect(envelopes.map(({ Message }) => Message)).toEqual([`job-${count}`, '{"job": "0", "n": 1}']);
  expect(envelopes[0]?.["Subject"]).toBe("s".repeat(100));
});

test("sqs sends by name and by URL, with ids to FIFO queues only (ACT-sqs-01, WF-222)", async () => {
  const [plain, fifo] = [await queue(), await queue({ FifoQueue: "true" })];
  const ids = { dedup_id: "{{ run }}{{ job.run_id }}", group_id: "g" };

  const run = await act([
    { action: "sqs", queue: plain.name, message: "by name", ...ids },
    { action: "sqs", queue: plain.url, message: { by: "url" } },
    { action: "sqs", queue: fifo.name, message: "first", ...ids },
    { action: "sqs", queue: fifo.name, message: "the same", ...ids },
  ]);

  expect(run.status).toBe("complete");
  expect((await plain.receive()).map(({ Body }) => Body).toSorted()).toEqual([
    "by name",
    '{"by": "url"}',
  ]);
  const ordered = await fifo.receive();
  expect(ordered.map(({ Body }) => Body)).toEqual(["first"]);
  expect(ordered[0]?.Attributes).toMatchObject({
    MessageGroupId: "g",
    MessageDeduplicationId: run.run_id,
  });
  const late = await act([{ action: "sqs", queue: plain.name, message: "x", delay: "16m" }]);
  expect(late.log.at(-1)?.info).toBe(
    "on_success action: sqs: Bad delay: 960: Must be between 0 and 15 minutes",
  );
});

describe("slack", () => {
  test("fills in the connection's own and renders from, subject and message (ACT-slack-01)", async () => {
    const bodies: unknown[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        bodies.push(JSON.parse(body));
        response.end("ok");
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await at.realm.connections.put({
      conn_id: "chat",
      type: "slack",
      enabled: true,
      webhook_url: `http://127.0.0.1:${port}/`,
    });

    await act([
      {
        action: "slack",
        slack_conn: "chat",
        message: "{{ result.exit_status }}",
        from: "{{ job.owner or 'nobody' }}",
        style: "plain",
        preamble: "{{ raw }}",
      },
    ]);
    server.close();
    server.closeAllConnections();

    expect(bodies).toEqual([{ text: "{{ raw }} *nobody*: 0" }]);
  });
});

describe("an action that fails", () => {
  test("never fails the job, and stops those after it (ACT-all-02)", async () => {
    const run = await act([
      { action: "sns", topic: "arn:aws:sns:local:000000000000:none", message: "x" },
      { action: "log", message: "not reached" },
    ]);

    expect(run.log.map(({ status }) => status)).toEqual([
      "starting",
      "running",
      "complete",
      "action_failed",
    ]);
    expect(run.log.at(-1)?.info).toContain("on_success action: sns: ");
    expect(run).toMatchObject({ status: "action_failed", extra: { x_reason: "action_failed" } });
    expect(at.logs.map(({ message }) => message)).not.toContain("not reached");
  });

  test("counts as failed after ACTION_TIMEOUT (ACT-all-04)", async () => {
    const hanging = createServer(() => undefined);
    await new Promise<void>((resolve) => void hanging.listen(0, "127.0.0.1", resolve));
    const address = hanging.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await at.realm.connections.put({
      conn_id: "hang",
      type: "slack",
      enabled: true,
      webhook_url: `http://127.0.0.1:${port}/`,
    });

    const run = await act([{ action: "slack", slack_conn: "hang", message: "x" }]);
    hanging.closeAllConnections();
    hanging.close();

    expect(run.log.at(-1)?.info).toBe("on_success action: slack: Timed out after 4 seconds");
  });

  test.each([
    ["text", "on_success: action must be a list"],
    [[{ message: "x" }], "on_success action: Missing keys: action"],
    [[{ action: "lava", job_id: "x" }], "on_success action: lava: unknown action"],
  ])("so does a list like %o (ACT-all-01, ACT-dispatch-02)", async (actions, info) => {
    expect((await act(actions)).log.at(-1)).toMatchObject({ status: "action_failed", info });
  });
});
