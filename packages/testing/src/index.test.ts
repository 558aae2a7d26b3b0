import { expect, test } from "vitest";
import * as testing from "./index.ts";

test("the public API grows on purpose", () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    "emulatedAws",
    "emulatedRealm",
    "fakeClock",
    "pluginRealm",
    "projectDir",
  ]);
});
