import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testProject } from "../../../test/test-project.ts";
import { unzip } from "../../../test/unzip.ts";
import { payloadBuilders } from "./index.ts";

describe("payloads", () => {
  test("each kind has one file, named in the index", () => {
    const shared = ["folder-files", "index", "payload-builder", "size-limit", "zip"];
    const files = readdirSync(import.meta.dirname)
      .filter((name) => !name.endsWith(".test.ts"))
      .map((name) => name.replace(".ts", ""))
      .filter((name) => !shared.includes(name));

    expect(Object.keys(payloadBuilders).sort()).toEqual(files.sort());
    for (const [name, { kind }] of Object.entries(payloadBuilders)) expect(kind).toBe(name);
  });

  test("scripts are copied, SQL and resources rendered, raw copied (FW-161, FW-167, FW-168, FW-205, FW-206)", async () => {
    using files = testProject({
      "lava-payloads/a.py": "#!/usr/bin/env python3\nprint('<{ env }>')\n",
      "lava-payloads/b.sql": "select '<{ env }>', '{{ x }}';\n\n",
      "lava-payloads/c.rsc/deep/x.txt": "<{ jinja.templates[0] }> <{ list }>\n",
      "lava-payloads/c.rsc/x.swp": "no",
      "lava-payloads/d.raw/.hidden": "<{ env }>",
      "lava-payloads/README.md": "about",
    });
    files.write("config/dev.yaml", `${files.read("config/dev.yaml")}list: [a, true, null]\n`);

    const { payloads, warnings } = await files.build("dev");

    expect(payloads.map(({ name, kind }) => [name, kind])).toEqual([
      ["a.py", "script"],
      ["b.sql", "sql"],
      ["c.rsc/deep/x.txt", "resource"],
      ["d.raw/.hidden", "raw"],
    ]);
    expect(files.read("dist/dev/lava-payloads/a.py")).toContain("<{ env }>");
    expect(files.read("dist/dev/lava-payloads/b.sql")).toBe("select 'dev', '{{ x }}';\n\n");
    expect(files.read("dist/dev/lava-payloads/c.rsc/deep/x.txt")).toBe(
      "c.rsc/deep/x.txt ['a', True, None]\n",
    );
    expect(files.read("dist/dev/lava-payloads/d.raw/.hidden")).toBe("<{ env }>");
    expect(warnings).toEqual([]);
  });

  test("a package is a zip with env/ rendered and modes kept, without what does not belong (FW-174..180)", async () => {
    using files = testProject({
      "lava-payloads/p.q.pkg/run.sh": "#!/bin/sh\n",
      "lava-payloads/p.q.pkg/env/settings.ini": "env=<{ env }>\n",
      "lava-payloads/p.q.pkg/lib/__pycache__/x.pyc": "no",
      "lava-payloads/p.q.pkg/lib/.keep": "yes",
      "lava-payloads/p.q.pkg/.top": "no",
      "lava-payloads/p.q.pkg/data.zip": "no",
      "shared/lib.txt": "linked <{ env }>\n",
    });
    files.link("../../../shared/lib.txt", "lava-payloads/p.q.pkg/lib/linked.txt");
    chmodSync(join(files.dir, "lava-payloads/p.q.pkg/run.sh"), 0o755);

    const { payloads, warnings } = await files.build("dev");

    expect(payloads.map(({ name }) => name)).toEqual(["p.q.zip"]);
    expect(await unzip(join(files.dir, "dist/dev/lava-payloads/p.q.zip"))).toEqual({
      "env/settings.ini": { text: "env=dev\n", mode: 0o644 },
      "lib/.keep": { text: "yes", mode: 0o644 },
      "lib/linked.txt": { text: "linked <{ env }>\n", mode: 0o644 },
      "run.sh": { text: "#!/bin/sh\n", mode: 0o755 },
    });
    expect(warnings.map(({ message }) => message)).toEqual([
      ".top is left out of the package; pkg.keep of the config file keeps it",
      "data.zip is left out of the package; pkg.keep of the config file keeps it",
    ]);
  });

  test("the same package gives the same bytes (FW-184), another one when a file goes", async () => {
    const sources = { "lava-payloads/p.pkg/a.txt": "a", "lava-payloads/p.pkg/b.txt": "b" };
    using one = testProject(sources);
    using two = testProject(sources);

    const first = await one.build("dev");
    const second = await two.build("dev");
    two.remove("lava-payloads/p.pkg/b.txt");
    const third = await two.build("dev");

    expect(second.payloads[0]?.sha256).toBe(first.payloads[0]?.sha256);
    expect(third.built).toEqual(["lava-payloads/p.zip"]);
    expect(third.payloads[0]?.sha256).not.toBe(first.payloads[0]?.sha256);
  });

  test("what cannot run, or is not built, is told (FW-022, FW-172)", async () => {
    using files = testProject({
      "lava-payloads/a.sh": "echo\n",
      "lava-payloads/b.sh": "#!/bin/sh\r\necho\r\n",
      "lava-payloads/notes.txt": "x",
      "lava-payloads/sub/x.sql": "x",
    });

    const { warnings } = await files.build("dev");

    expect(warnings.map(({ code, file }) => [code, file])).toEqual([
      ["no_interpreter", "lava-payloads/a.sh"],
      ["crlf_lines", "lava-payloads/b.sh"],
      ["unknown_payload_kind", "lava-payloads/notes.txt"],
      ["unknown_payload_kind", "lava-payloads/sub"],
    ]);
  });

  test("a folder of a kind that is not known is an error with those that are", async () => {
    using files = testProject({ "lava-payloads/x.image/Dockerfile": "FROM x" });

    await expect(files.build("dev")).rejects.toMatchObject({
      code: "BUILD_FAILED",
      issues: [
        {
          code: "unknown_payload_kind",
          message: expect.stringMatching(/no payload kind \.image\/; known are .*\.pkg\//),
        },
      ],
    });
  });

  test("two sources of one output are an error (FW-164, FW-165)", async () => {
    using files = testProject({
      "lava-payloads/x.ipynb": '{"cells": []}',
      "lava-payloads/x.py": "#!/usr/bin/env python3\n",
    });

    await expect(files.build("dev")).rejects.toMatchObject({
      issues: [
        {
          code: "same_output",
          message:
            "lava-payloads/x.ipynb and lava-payloads/x.py would both be built as lava-payloads/x.py",
        },
      ],
    });
  });

  test("what workers refuse for its size is warned of (FW-173)", async () => {
    using files = testProject({
      "lava-payloads/big.sql": `-- ${"x".repeat(100_000)}\n`,
      "lava-payloads/big.sh": `#!/bin/sh\n# ${"x".repeat(10_000_000)}\n`,
    });

    const { warnings } = await files.build("dev");

    expect(warnings.map(({ file, message }) => `${file ?? ""}: ${message}`)).toEqual([
      expect.stringMatching(
        /big\.sh: the payload has 10\.0 MB, and workers take 10\.0 MB unless EXE_MAX/,
      ),
      expect.stringMatching(
        /big\.sql: the payload has 100\.0 KB, and workers take 100\.0 KB unless SQL_MAX/,
      ),
    ]);
  });
});
