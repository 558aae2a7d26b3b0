import { expect, test } from "vitest";
import * as lambdas from "./index.ts";

test("the names of the package", () => {
  expect(Object.keys(lambdas).toSorted()).toEqual([
    "WHOLE_BUCKET",
    "createDispatchFunction",
    "createMetricsFunction",
    "createS3TriggerFunction",
    "createStopFunction",
    "evaluateTrigger",
    "explainEvents",
    "makeS3Event",
    "parseRequests",
    "parseS3Event",
    "triggerLevels",
  ]);
});
