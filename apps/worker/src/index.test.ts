import { expect, test } from "vitest";
import * as appWorker from "./index.ts";

test("the public API grows on purpose", () => {
  expect(Object.keys(appWorker).toSorted()).toEqual(["workerMain"]);
});
