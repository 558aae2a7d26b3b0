import { expect, test } from "vitest";
import * as api from "./index.ts";

test("the package exports these names and no others", () => {
  expect(Object.keys(api).sort()).toEqual([
    "createRenderer",
    "findUndefinedNames",
    "guessTime",
    "pyDateTime",
    "pyIsoDateTime",
    "pyYamlTime",
    "renderDeep",
    "renderJson",
    "templateNamespace",
    "templateUtils",
    "toData",
  ]);
});
