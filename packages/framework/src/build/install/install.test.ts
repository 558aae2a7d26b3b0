import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testProject } from "../../../test/test-project.ts";
import { unzip } from "../../../test/unzip.ts";
import { writeWheel } from "../../../test/wheel.ts";

const machine = {
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? "",
  PIP_CONFIG_FILE: "/dev/null",
};

describe("Python modules of a package", () => {
  test("are installed with and without what they need (FW-176, FW-177), once (cached by content)", async () => {
    using files = testProject({
      "lava-payloads/p.pkg/run.py": "#!/usr/bin/env python3\n",
      "lava-payloads/p.pkg/one.py": "NAME = 'mine'\n",
      "lava-payloads/p.pkg/requirements.txt": "one\n",
      "lava-payloads/p.pkg/requirements-nodeps.txt": "three\n",
    });
    mkdirSync(join(files.dir, "wheels"));
    const wheels = join(files.dir, "wheels");
    await writeWheel(wheels, "one", { requires: ["two"] });
    await writeWheel(wheels, "two");
    await writeWheel(wheels, "three", { requires: ["four"] });
    const environ = { ...machine, PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels };

    await files.build("dev", {}, environ);
    const zip = join(files.dir, "dist/dev/lava-payloads/p.zip");
    const first = readFileSync(zip);

    const content = await unzip(zip);
    expect(Object.keys(content)).toEqual([
      "one.py",
      "requirements-nodeps.txt",
      "requirements.txt",
      "run.py",
      "three.py",
      "two.py",
    ]);
    expect(content["one.py"]?.text).toBe("NAME = 'mine'\n");
    // Nothing is left to install from: what was installed is used again, and gives the same bytes (FW-184).
    files.remove("wheels");
    files.write("lava-payloads/p.pkg/run.py", "#!/usr/bin/env python3\n# changed\n");
    expect((await files.build("dev", {}, environ)).built).toEqual(["lava-payloads/p.zip"]);
    files.write("lava-payloads/p.pkg/run.py", "#!/usr/bin/env python3\n");
    await files.build("dev", {}, environ);
    expect(readFileSync(zip).equals(first)).toBe(true);
  });

  test("keep what the config says (FW-181, FW-182)", async () => {
    using files = testProject({
      "lava-payloads/p.pkg/requirements.txt": "one\n",
      "lava-payloads/p.pkg/data.zip": "data",
    });
    const wheels = join(files.dir, "wheels");
    mkdirSync(wheels);
    await writeWheel(wheels, "one");
    const config = files.read("config/dev.yaml");
    files.write("config/dev.yaml", `${config}pkg: { keep: ["data.zip"], keep_metadata: true }\n`);

    const { warnings } = await files.build(
      "dev",
      {},
      { ...machine, PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels },
    );

    const names = Object.keys(await unzip(join(files.dir, "dist/dev/lava-payloads/p.zip")));
    expect(names).toEqual(expect.arrayContaining(["data.zip", "one-1.0.dist-info/METADATA"]));
    expect(warnings).toEqual([]);
  });

  test.each([
    [
      "that cannot be met",
      { PIP_NO_INDEX: "1" },
      "requirements_failed",
      /the requirements cannot be met; pip said:\n {2}ERROR: .*no-such-module/,
    ],
    [
      "without a network",
      { PIP_INDEX_URL: "http://me:secret@127.0.0.1:9/simple", PIP_RETRIES: "1" },
      "requirements_offline",
      /^the package index cannot be reached(?!.*secret)/s,
    ],
    [
      "without pip and uv",
      { PATH: "/nowhere" },
      "requirements_no_installer",
      /installed by pip or uv, and neither is there/,
    ],
  ])("%s fail the build and say why", async (_case, environ, code, message) => {
    using files = testProject({ "lava-payloads/p.pkg/requirements.txt": "no-such-module==1.0\n" });

    await expect(files.build("dev", {}, { ...machine, ...environ })).rejects.toMatchObject({
      code: "BUILD_FAILED",
      issues: [
        {
          code,
          file: "lava-payloads/p.pkg/requirements.txt",
          message: expect.stringMatching(message),
        },
      ],
    });
  });

  test("are installed by uv where there is no pip, for the machine that the config names (FW-183)", async () => {
    using files = testProject({
      "lava-payloads/p.pkg/requirements.txt": "one\n",
      // Stands in for uv: notes how it was called, and puts a module where it should.
      "bin/uv": `#!/bin/sh
test "$1" = --version && echo uv 1.0 && exit 0
echo "$UV_DEFAULT_INDEX $*" > "\${0%/*}/called"
while [ "$1" != --target ]; do shift; done
echo 'NAME = 1' > "$2/one.py"
`,
    });
    chmodSync(join(files.dir, "bin/uv"), 0o755);
    symlinkSync("/bin/sh", join(files.dir, "bin/sh"));
    const config = files.read("config/dev.yaml");
    files.write(
      "config/dev.yaml",
      `${config}pkg: { platform: manylinux2014_aarch64, python: "3.11" }\n`,
    );

    await files.build(
      "dev",
      {},
      { PATH: join(files.dir, "bin"), PIP_INDEX_URL: "http://index/simple" },
    );

    expect(files.read("bin/called")).toMatch(
      /^http:\/\/index\/simple pip install --no-progress --target \S+ --python-platform aarch64-manylinux2014 --python-version 3\.11 --only-binary :all: --requirement \S+\/p\.pkg\/requirements\.txt\n$/,
    );
    expect(Object.keys(await unzip(join(files.dir, "dist/dev/lava-payloads/p.zip")))).toContain(
      "one.py",
    );
  });
});

describe("Node modules of a package", () => {
  const manifest = JSON.stringify({
    name: "p",
    version: "1.0.0",
    dependencies: { local: "file:local" },
    devDependencies: { tool: "file:tool" },
  });
  const lock = JSON.stringify({
    name: "p",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: {
      "": {
        name: "p",
        version: "1.0.0",
        dependencies: { local: "file:local" },
        devDependencies: { tool: "file:tool" },
      },
      local: { version: "1.0.0" },
      "node_modules/local": { resolved: "local", link: true },
      tool: { version: "1.0.0", dev: true },
      "node_modules/tool": { resolved: "tool", link: true },
    },
  });

  test("are what the lockfile says, without those for development (FW-185)", async () => {
    using files = testProject({
      "lava-payloads/p.pkg/package.json": manifest,
      "lava-payloads/p.pkg/package-lock.json": lock,
      "lava-payloads/p.pkg/local/package.json":
        '{"name":"local","version":"1.0.0","main":"index.js"}',
      "lava-payloads/p.pkg/local/index.js": "module.exports = 1;\n",
      "lava-payloads/p.pkg/tool/package.json": '{"name":"tool","version":"1.0.0"}',
      "lava-payloads/p.pkg/node_modules/stale/index.js": "of the one who develops it",
    });

    await files.build("dev", {}, machine);

    const names = Object.keys(await unzip(join(files.dir, "dist/dev/lava-payloads/p.zip")));
    expect(names.filter((name) => name.startsWith("node_modules/"))).toEqual([
      "node_modules/local/index.js",
      "node_modules/local/package.json",
    ]);
    expect(names).toContain("local/index.js");
  });

  test("that cannot be installed fail the build; without a lockfile nothing is, which is told", async () => {
    using files = testProject({
      "lava-payloads/bad.pkg/package.json": manifest,
      "lava-payloads/bad.pkg/package-lock.json": '{"lockfileVersion": 3, "packages": {}}',
      "lava-payloads/no.pkg/package.json": manifest,
      "lava-payloads/yarn.pkg/package.json": manifest,
      "lava-payloads/yarn.pkg/yarn.lock": "",
    });

    await expect(
      files.build("dev", { strict: true }, { ...machine, PATH: "/nowhere" }),
    ).rejects.toMatchObject({
      issues: [
        { code: "node_no_installer", file: "lava-payloads/bad.pkg/package-lock.json" },
        { code: "no_lockfile", file: "lava-payloads/no.pkg/package.json" },
        { code: "node_no_installer", message: expect.stringContaining("yarn, which is not there") },
      ],
    });
    files.remove("lava-payloads/yarn.pkg");
    await expect(files.build("dev", {}, machine)).rejects.toMatchObject({
      issues: [
        { code: "node_modules_failed", message: expect.stringContaining("npm cannot install") },
      ],
    });
  });
});
