import { createRenderer } from "@lava/render";
import { expect, test } from "vitest";
import { testConfig, testProject } from "../../test/test-project.ts";
import { readYaml } from "./read.ts";
import { withTimes } from "./with-times.ts";

const TEXT = `day: 2026-11-23
list:
  - at: 2026-1-3 4:05:06
  - 2026-11-23T10:00:00Z
  - 2026-11-23 10:00:00.5 +1
bad: 2026-13-01
text: "2026-11-23"
`;

test("dates of YAML are dates to templates, as PyYAML has them", () => {
  const { data, times, errors } = readYaml(TEXT, { times: "keep" });
  const names = withTimes(data as Parameters<typeof withTimes>[0], times);
  const render = (template: string): string => createRenderer().render(template, names);

  expect(errors).toEqual([]);
  expect(render("{{ day }} {{ day.strftime('%d %b') }} {{ list[0].at }} {{ list[1] }}")).toBe(
    "2026-11-23 23 Nov 2026-01-03 04:05:06 2026-11-23 10:00:00+00:00",
  );
  expect(render("{{ list[2] }} {{ bad }} {{ text.upper() }}")).toBe(
    "2026-11-23 10:00:00.500000+01:00 2026-13-01 2026-11-23",
  );
});

test("a config may have dates; a spec may not (FW-103)", async () => {
  using files = testProject({
    "config/dev.yaml": `${testConfig()}from: 2026-11-23\n`,
    "misc/x.sql": "<{ from.year }> <{ from }>\n",
  });

  await files.build("dev");

  expect(files.read("dist/dev/misc/x.sql")).toBe("2026 2026-11-23\n");
  expect(readYaml("a: 2026-11-23").errors).toMatchObject([{ code: "bad_value" }]);
});
