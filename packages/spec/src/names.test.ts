import { expect, test } from "vitest";
import * as names from "./names.ts";

test("the resources of a realm have the names that the original gives them (WF-010..019)", () => {
  expect(names.realmsTable).toBe("lava.realms");
  expect(names.tableNames("dev")).toEqual({
    jobs: "lava.dev.jobs",
    connections: "lava.dev.connections",
    events: "lava.dev.events",
    s3triggers: "lava.dev.s3triggers",
    state: "lava.dev.state",
  });
  expect(names.queueName("dev", "core")).toBe("lava-dev-core");
  expect(names.kmsAliases("dev")).toEqual({
    sys: "alias/lava-dev-sys",
    user: "alias/lava-dev-user",
  });
  expect(names.topicNames("dev")).toEqual({
    notices: "lava-dev-notices",
    dispatch: "lava-dev-dispatch",
  });
  expect(names.functionNames("dev")).toEqual({
    dispatch: "lava-dev-dispatch",
    s3trigger: "lava-dev-s3trigger",
    stop: "lava-dev-stop",
    metrics: "lava-dev-metrics",
  });
  expect(names.workerRoleNames("dev", "core")).toEqual({
    role: "lava-dev-worker-core",
    policy: "lava-dev-worker",
  });
  expect(names.logGroupName("dev")).toBe("/var/log/lava/dev");
  expect(names.ssmPrefix("dev")).toBe("/lava/dev/");
  expect(names.rulePrefix("dev")).toBe("lava.dev.");
});

test("the worker of a queue is found by the realm's prefix, hyphens and all (TRAP-INF-17)", () => {
  expect(names.workerOfQueue("dev", "lava-dev-big-one")).toBe("big-one");
  expect(names.workerOfQueue("dev", "lava-dev-")).toBeUndefined();
  expect(names.workerOfQueue("dev", "lava-device-core")).toBeUndefined();
});

test("lava's own records are told from those of jobs by their prefix", () => {
  const ids = [
    names.UNROUTABLE_JOB_ID,
    names.workerLeaseId("core"),
    names.childrenId("a/b"),
    names.slotsId("a/b"),
    names.dueId("core"),
    names.poolId("db"),
    names.leaderId("scheduler"),
  ];

  expect(ids.every((id) => id.startsWith(names.OWN_RECORD_PREFIX))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(names.UNROUTABLE_JOB_ID).toBe("lava/unroutable");
  expect(names.workerLeaseId("core")).toBe("lava/workers/core");
});
