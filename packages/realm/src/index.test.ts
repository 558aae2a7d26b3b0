import { expect, test } from "vitest";
import * as realm from "./index.ts";

test("the names of the package", () => {
  expect(Object.keys(realm).toSorted()).toEqual([
    "awsSettingsFromEnv",
    "callerIdentity",
    "cancelText",
    "createAwsClients",
    "createDispatchClients",
    "createMetricsClients",
    "createRealmResources",
    "createStopClients",
    "defaultLeaseTimes",
    "deleteRealmResources",
    "dispatch",
    "isAccessDenied",
    "isTerminal",
    "numberOf",
    "openDispatchRealm",
    "openRealm",
    "openRealmsTable",
    "openWorkerLease",
    "openWorkerQueue",
    "parseS3Uri",
    "readSent",
    "repeatableRunId",
    "runIdOfKey",
    "textOf",
    "toRunPlan",
    "writeSent",
  ]);
});
