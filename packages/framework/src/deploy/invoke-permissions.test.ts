import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  GetPolicyCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { type DataMap, isMap } from "@lava/core";
import { emulatedAws, emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { testConfig, testProject } from "../../test/test-project.ts";
import { zipFiles } from "../build/payload/zip.ts";
import { deployPlan } from "./deploy.ts";
import { planDeployment } from "./plan.ts";
import { ruleOfItem } from "./rule-item.ts";
import { uninstallPlan } from "./uninstall.ts";

const by = { user: "tester", host: "test-host" };
const ARN = "arn:aws:lambda:local:000000000000:function:";
const QUEUE = "arn:aws:sqs:local:000000000000:called";

/** An account with a realm, and a function whose calls are told on a queue; the lambda API can be forbidden. */
async function account() {
  let isDenied = false;
  const denied = ({ service, operation }: { service: string; operation: string }) =>
    isDenied && service === "lambda" && operation === "POST policy";
  await using stack = new AsyncDisposableStack();
  const aws = stack.use(await emulatedAws({ deny: denied }));
  const { realm } = stack.use(await emulatedRealm({ aws }));
  const [lambda, sqs, events] = await Promise.all([
    aws.clients.lambda(),
    aws.clients.sqs(),
    aws.clients.eventBridge(),
  ]);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "called" }));
  const code = "export const handler = async ({ detail }) => detail;";
  const ZipFile = await zipFiles([
    { path: "index.mjs", content: new TextEncoder().encode(code), mode: 0o644 },
  ]);
  await lambda.send(
    new CreateFunctionCommand({
      ...{ FunctionName: "f", Runtime: "nodejs24.x", Handler: "index.handler", Code: { ZipFile } },
      Role: "arn:aws:iam::000000000000:role/any",
    }),
  );
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "f",
      DestinationConfig: { OnSuccess: { Destination: QUEUE } },
    }),
  );
  const owned = stack.move();
  return {
    realm,
    lambda,
    deny(value: boolean) {
      isDenied = value;
    },
    /** As `aws lambda get-policy` gives it. */
    async statements(): Promise<unknown> {
      try {
        const { Policy = "{}" } = await lambda.send(new GetPolicyCommand({ FunctionName: "f" }));
        const policy: unknown = JSON.parse(Policy);
        return isMap(policy) ? policy["Statement"] : [];
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return [];
        throw error;
      }
    },
    /** Sends an event; what the function was called with, if it was. */
    async event(n: number): Promise<string[]> {
      const Detail = JSON.stringify({ n });
      await events.send(
        new PutEventsCommand({ Entries: [{ Source: "app", DetailType: "t", Detail }] }),
      );
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: n > 1 ? 10 : 1 }),
      );
      return Messages.map(({ Body = "" }) => JSON.stringify(JSON.parse(Body).responsePayload));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const rule = (id: string, targets: string): string =>
  `rule_id: ${id}\ndescription: d\nowner: o\nenabled: true\nevent_pattern: { source: [app] }\ntargets: ${targets}\n`;

test("a function that does not let a rule call it is told, is given the right with the rule, and loses it with the rule (FW-159)", async () => {
  await using lab = await account();
  const { realm } = lab;
  const id = `lava.${realm.name}.test.r`;
  using files = testProject({
    "config/dev.yaml": testConfig(realm.name),
    "lava-rules/r.yaml": rule(id, `["${ARN}f", {Id: a, Arn: "${ARN}gone"}]`),
  });
  const plan = async () => await planDeployment(await files.build("dev"), realm);

  const first = await plan();
  expect(first.warnings).toEqual([
    `function ${ARN}f does not allow rule ${id} to call it; it is given the right`,
  ]);
  expect(first.breaks.map((found) => [found.id, found.reason])).toEqual([
    [id, `function ${ARN}gone, which rule ${id} calls, is not there`],
  ]);
  lab.deny(true);
  expect((await deployPlan(first, realm, { by })).steps[0]).toMatchObject({
    outcome: "failed",
    reason: expect.stringMatching(/no permission: Function .* does not allow rule .*POST policy/),
  });
  lab.deny(false);
  expect(await deployPlan(await plan(), realm, { by })).toMatchObject({ ok: true });
  const given: DataMap = {
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Principal: { Service: "events.amazonaws.com" },
    Condition: {
      ArnLike: { "AWS:SourceArn": `arn:aws:events:local:000000000000:rule/${id}` },
    },
  };
  expect(await lab.statements()).toMatchObject([given]);
  expect(await lab.event(2)).toEqual(['{"n":2}']);
  expect(await plan()).toMatchObject({ items: [], warnings: [] });

  await deployPlan(await uninstallPlan(await files.open(), "dev", realm), realm, { by });
  expect(await lab.statements()).toEqual([]);
});

test("a right that somebody takes away is told though the rule is as it should be; one that covers the rule is left alone", async () => {
  await using lab = await account();
  const { realm, lambda } = lab;
  const id = `lava.${realm.name}.test.r`;
  using files = testProject({
    "config/dev.yaml": testConfig(realm.name),
    "lava-rules/r.yaml": rule(id, `["${ARN}f"]`),
  });
  const plan = async () => await planDeployment(await files.build("dev"), realm);
  await deployPlan(await plan(), realm, { by });
  const [own] = Object.values((await lab.statements()) ?? []).map(({ Sid }) => String(Sid));

  await lambda.send(new RemovePermissionCommand({ FunctionName: "f", StatementId: own }));
  expect((await plan()).breaks.map(({ reason }) => reason)).toEqual([
    `function ${ARN}f does not allow rule ${id} to call it`,
  ]);
  expect(await lab.event(1)).toEqual([]);

  // As the stack of a realm gives it (INF-263).
  await lambda.send(
    new AddPermissionCommand({
      ...{ FunctionName: "f", StatementId: "stack", Action: "lambda:InvokeFunction" },
      Principal: "events.amazonaws.com",
      SourceArn: `arn:aws:events:local:000000000000:rule/lava.${realm.name}.*`,
    }),
  );
  expect(await plan()).toMatchObject({ breaks: [], items: [] });
  files.write("lava-rules/r.yaml", rule(id, `["${ARN}f"]`).replace(": d", ": e"));
  expect(await deployPlan(await plan(), realm, { by })).toMatchObject({ ok: true });
  expect(await lab.statements()).toMatchObject([{ Sid: "stack" }]);
  expect(await lab.event(2)).toEqual(['{"n":2}']);
  await deployPlan(await uninstallPlan(await files.open(), "dev", realm), realm, { by });
  expect(await lab.statements()).toMatchObject([{ Sid: "stack" }]);
});

test("a rule that somebody else makes meanwhile is left alone and gets no right", async () => {
  await using lab = await account();
  const { realm } = lab;
  const id = `lava.${realm.name}.test.r`;
  using files = testProject({
    "config/dev.yaml": testConfig(realm.name),
    "lava-rules/r.yaml": rule(id, `["${ARN}f"]`),
  });
  const plan = await planDeployment(await files.build("dev"), realm);
  const [{ after } = {}] = plan.items;
  await realm.rules.put(ruleOfItem({ ...after, targets: [{ Id: "q", Arn: QUEUE }] }));

  const { steps } = await deployPlan(plan, realm, { by });

  expect(steps).toMatchObject([{ kind: "rule", id, outcome: "conflict", effect: "left" }]);
  expect(await lab.statements()).toEqual([]);
});
