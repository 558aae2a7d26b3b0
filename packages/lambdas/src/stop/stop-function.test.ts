import type { Data, DataMap } from "@lava/core";
import { isMap, parseJson } from "@lava/core";
import { describe, expect, test } from "vitest";
import { type Answers, serviceDouble } from "../../test/service-double.ts";
import { stopCommand } from "./stop-command.ts";
import { createStopFunction } from "./stop-function.ts";

const detail: DataMap = {
  LifecycleActionToken: "87654321-4321-4321-4321-210987654321",
  AutoScalingGroupName: "lava-prod-core",
  LifecycleHookName: "terminate",
  EC2InstanceId: "i-1234567890abcdef0",
  LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
  NotificationMetadata: '{"realm":"prod","worker":"core"}',
  Origin: "AutoScalingGroup",
  Destination: "EC2",
};

const sent = () => ({ Command: { CommandId: "c-1" } });
const here = () => ({ InstanceInformationList: [{ InstanceId: "i-1234567890abcdef0" }] });
const nobody = () => ({ InstanceInformationList: [] });

async function open(answers: Answers, env: Readonly<Record<string, string>> = {}) {
  const double = await serviceDouble({
    DescribeInstanceInformation: here,
    SendCommand: sent,
    CompleteLifecycleAction: () => "",
    ...answers,
  });
  const log: DataMap[] = [];
  const handler = createStopFunction({
    env: { ...double.environment, LAVA_REALM: "prod", WAIT_TIME: "30m", ...env },
    write: (line) => {
      const entry = parseJson(line);
      if (isMap(entry)) log.push(entry);
    },
  });
  return {
    log,
    asked: double.asked,
    call: (event: Data = detail, functionName = "lava-prod-stop") =>
      handler(event, { awsRequestId: "r-1", functionName }),
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  };
}

describe("the function stop", () => {
  test("sends the stop document to the instance alone, once its tag is known to be the realm's (LAM-402, LAM-405)", async () => {
    await using lambda = await open({});

    expect(await lambda.call()).toEqual({
      outcome: "sent",
      command_id: "c-1",
      document: "lava-StopWorkerDaemons",
    });

    const byId = { Key: "InstanceIds", Values: ["i-1234567890abcdef0"] };
    expect(lambda.asked.map(({ operation }) => operation)).toEqual([
      "DescribeInstanceInformation",
      "DescribeInstanceInformation",
      "SendCommand",
    ]);
    expect(lambda.asked.map(({ input }) => input["Filters"])).toContainEqual([
      byId,
      { Key: "tag:LavaRealm", Values: ["prod"] },
    ]);
    expect(lambda.asked[2]?.input).toMatchObject({
      DocumentName: "lava-StopWorkerDaemons",
      InstanceIds: ["i-1234567890abcdef0"],
      TimeoutSeconds: 60,
      Comment: "lava-stop",
      CloudWatchOutputConfig: { CloudWatchOutputEnabled: true },
      Parameters: { AsgName: ["lava-prod-core"], Wait: ["1800s"], ExecutionTimeout: ["2100"] },
    });
  });

  test.each(["InvalidDocument", "InvalidParameters", "AccessDeniedException"])(
    "runs the shell command where the document cannot be used: %s (LAM-402)",
    async (refuse) => {
      await using lambda = await open({
        SendCommand: ({ DocumentName }) =>
          DocumentName === "AWS-RunShellScript" ? sent() : { refuse },
      });

      expect(await lambda.call({ "detail-type": "x", detail })).toMatchObject({
        document: "AWS-RunShellScript",
      });

      expect(lambda.asked.at(-1)?.input["Parameters"]).toEqual({
        commands: [
          stopCommand(
            {
              instance_id: "i-1234567890abcdef0",
              group: "lava-prod-core",
              hook: "terminate",
              token: "87654321-4321-4321-4321-210987654321",
            },
            { wait: "30m", heartbeat: "1m", level: "info" },
          ),
        ],
      });
    },
  );

  test.each<[string, Answers]>([
    ["SSM does not know the instance", { DescribeInstanceInformation: nobody }],
    ["it went meanwhile", { SendCommand: () => ({ refuse: "InvalidInstanceId" }) }],
  ])("completes the lifecycle action at once when %s (LAM-405)", async (_why, answers) => {
    await using lambda = await open(answers);

    expect(await lambda.call()).toEqual({ outcome: "gone" });

    expect(lambda.asked.at(-1)).toMatchObject({
      operation: "CompleteLifecycleAction",
      input: {
        AutoScalingGroupName: "lava-prod-core",
        LifecycleHookName: "terminate",
        InstanceId: "i-1234567890abcdef0",
        LifecycleActionToken: "87654321-4321-4321-4321-210987654321",
        LifecycleActionResult: "CONTINUE",
      },
    });
  });

  test("an instance that is gone without a lifecycle action is only logged", async () => {
    await using lambda = await open({ DescribeInstanceInformation: nobody });

    expect(await lambda.call({ EC2InstanceId: "i-1" })).toEqual({ outcome: "gone" });
    expect(lambda.asked).toHaveLength(2);
  });

  test("sends nothing to an instance of another realm (LAM-405)", async () => {
    await using lambda = await open({
      DescribeInstanceInformation: ({ Filters }) =>
        Array.isArray(Filters) && Filters.length === 1 ? here() : nobody(),
    });

    await expect(lambda.call()).rejects.toMatchObject({ code: "REALM_MISMATCH" });
    expect(lambda.asked).toHaveLength(2);
  });

  test("a role that may not ask about instances sends all the same", async () => {
    await using lambda = await open({
      DescribeInstanceInformation: () => ({ refuse: "AccessDeniedException" }),
    });

    expect(await lambda.call()).toMatchObject({ outcome: "sent" });
  });

  test("a refusal is logged and raised, for Lambda to try again (LAM-404)", async () => {
    await using lambda = await open({ SendCommand: () => ({ refuse: "InternalServerError" }) });

    await expect(lambda.call()).rejects.toMatchObject({ name: "InternalServerError" });
    expect(lambda.log).toContainEqual(
      expect.objectContaining({ level: "error", message: "SendCommand failed", realm: "prod" }),
    );
  });

  test.each([
    [{ ...detail, AutoScalingGroupName: "lava-test-core" }, "lava-prod-stop"],
    [detail, "lava-test-stop"],
    [{ EC2InstanceId: "i-1" }, "stop"],
  ])("realm of environment, group and function have to agree (LAM-401)", async (event, name) => {
    await using lambda = await open({});

    await expect(lambda.call(event, name)).rejects.toMatchObject({
      code: "REALM_MISMATCH",
      message: expect.stringContaining("realm name mismatch"),
    });
    expect(lambda.asked).toEqual([]);
  });

  test.each([[{}], [{ EC2InstanceId: 7 }], ["i-1"], [{ EC2InstanceId: "" }]])(
    "%j is no lifecycle action (LAM-400)",
    async (event) => {
      await using lambda = await open({});

      await expect(lambda.call(event)).rejects.toMatchObject({ code: "BAD_EVENT" });
    },
  );
});

test.each([
  [{}, "NO_REALM"],
  [{ LAVA_REALM: "prod", WAIT_TIME: "soon" }, "BAD_CONFIG"],
  [{ LAVA_REALM: "prod", LIFECYCLE_HEARTBEAT: "x" }, "BAD_CONFIG"],
])("with the environment %j it cannot be loaded (LAM-003, LAM-403)", (env, code) => {
  expect(() => createStopFunction({ env, write: () => undefined })).toThrow(
    expect.objectContaining({ code }),
  );
});
