import { expect, test } from "vitest";
import * as localAws from "./index.ts";

test("the public API grows on purpose", () => {
  expect(Object.keys(localAws).toSorted()).toEqual([
    "AwsError",
    "createLineLogger",
    "readMails",
    "startLocalAws",
  ]);
});
