import { expect, test } from "vitest";
import * as realm from "./index.ts";

test("the names of the package", () => {
  expect(Object.keys(realm).toSorted()).toEqual([
    "awsSettingsFromEnv",
    "cancelText",
    "createAwsClients",
    "createRealmResources",
    "defaultLeaseTimes",
    "deleteRealmResources",
    "isAccessDenied",
    "isTerminal",
    "numberOf",
    "openRealm",
    "openRealmsTable",
    "openWorkerLease",
    "openWorkerQueue",
    "parseS3Uri",
    "textOf",
    "toRunPlan",
  ]);
});
