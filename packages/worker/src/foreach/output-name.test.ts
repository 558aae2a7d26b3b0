import { expect, test } from "vitest";
import { outputName } from "./output-name.ts";

test.each([
  [undefined, true, "stdout"],
  [0, true, "stdout"],
  [1, true, "stdout.1"],
  [12, true, "stdout.12"],
  [12, false, "stdout"],
])("of iteration %o, nested %o, an output is named %s (JOB-foreach-15)", (index, nested, name) => {
  expect(outputName("stdout", index === undefined ? {} : { foreach_index: index }, nested)).toBe(
    name,
  );
});
