import { connectionTypes, jobTypes, validateSpec } from "@lava/spec";
import { expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";
import { checkProject } from "../check.ts";
import { readYaml } from "../yaml/read.ts";
import { itemSample } from "./item-sample.ts";

const all = [
  ...Object.keys(jobTypes).map((type) => ["job", type] as const),
  ...Object.keys(connectionTypes).map((type) => ["connection", type] as const),
  ["rule", undefined] as const,
  ["s3trigger", undefined] as const,
];

/** As a build does it. */
const rendered = (text: string): string =>
  text.replaceAll(/<\{ ([\w.]+) \}>/g, (_, name: string) =>
    name === "prefix.rule" ? "lava.test.app" : name,
  );

test.each(all)(
  "the sample of a %s %s fits its schema once its marks are filled in (FW-300, FW-301, FW-304)",
  (kind, type) => {
    for (const comments of [true, false]) {
      const text = itemSample(kind, type).text(
        { name: "mine", description: "yes: no" },
        { comments },
      );
      const { data, errors } = readYaml(rendered(text));
      expect(errors).toEqual([]);
      const result = validateSpec(kind, data);
      expect(
        result.ok ? [] : result.issues.map(({ path, message }) => `${path.join(".")} ${message}`),
      ).toEqual([]);
      expect(text.includes("#")).toBe(comments && text.includes("#"));
    }
  },
);

test("optional fields stand there as comments, which can be left out; the beginning of a name is enough (FW-302, CLI-214)", () => {
  const text = itemSample("j", "ex").text({
    name: "load",
    payload: "<{ prefix.payload }>/load.sh",
  });

  expect(text).toMatch(/^job_id: "<\{ prefix.job \}>\/load"$/m);
  expect(text).toMatch(/^payload: "<\{ prefix.payload \}>\/load.sh"$/m);
  expect(text).toMatch(/^# {3}timeout: /m);
  expect(text).toMatch(/^# schedule: /m);
  expect(() => itemSample("job", "s")).toThrow(expect.objectContaining({ code: "NO_SUCH_SAMPLE" }));
  expect(() => itemSample("job")).toThrow("Which job type?");
});

test("a sample builds in a project", async () => {
  using project = testProject({
    "lava-jobs/s.yaml": itemSample("job", "exe").text({ payload: "<{ prefix.payload }>/x.sh" }),
    "lava-payloads/x.sh": "#!/bin/sh\n",
  });
  const { issues } = await checkProject(await project.open(), { env: "dev" });
  expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
});
