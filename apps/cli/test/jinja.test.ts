import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliResult, runCli } from "./cli.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-jinja-"));
  await mkdir(join(folder, "inc"));
  await mkdir(join(folder, "lib"));
  const files = {
    "a.yaml":
      "a: from yaml\nn: 010\nday: 2026-11-23\nlava: { realm: { x: 1 } }\njinja: { own: 2, user: me }\n",
    "b.json": '{"a": "from json", "b": 2}',
    "list.txt": " one \n\ntwo\n",
    "t.txt": "{{ a }}/{{ b }}/{{ l }}\n",
    "build.txt": "<{ a }>{{ a }}<% include 'part' %>\n",
    "inc/part": "[<{ jinja.templates[0] }> <{ jinja.prog }> <{ lava.realm.x }> <{ jinja.own }>]",
    "lib/far.txt": "far {{ environ.X }}\n",
    "dag.csv": ",p\nq,x\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await symlink("/etc/hostname", join(folder, "inc/link"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const jinja = (
  args: readonly string[],
  env: Record<string, string> = {},
  stdin = "",
): Promise<CliResult> =>
  runCli(["jinja", ...args], { cwd: folder, env, stdin: Readable.from([stdin]) });

describe("lava jinja", () => {
  test("lays files, then -p, then -l over each other; several templates one after the other (CLI-211)", async () => {
    const files = ["-f", "a.yaml", "-f", "b.json"];

    const over = await jinja([...files, "-p", "b=x=y", "-l", "l=list.txt", "t.txt", "t.txt"]);

    expect(over).toEqual({
      status: 0,
      stdout: "from json/x=y/['one', '', 'two']\n".repeat(2),
      stderr: "",
    });
    expect((await jinja(["-f", "b.json", "-f", "a.yaml", "t.txt"])).stdout).toBe("from yaml/2/\n");
  });

  test("-d takes other outer characters, -c says where includes are (CLI-210)", async () => {
    const args = ["-d", "<=", "-c", "inc", "-f", "a.yaml", "build.txt"];

    expect((await jinja(args)).stdout).toBe("from yaml{{ a }}[build.txt jinja 1 2]\n");
    expect((await jinja(["-d", "+", "-p", "a=1"], {}, "+{ a }+ {{ a }}")).stdout).toBe(
      "1 {{ a }}\n",
    );
  });

  test("reads stdin, the environment and JINJAPATH; each can be switched off (CLI-209, CLI-212)", async () => {
    const env = { X: "x", JINJAPATH: "nowhere:lib" };

    expect((await jinja([], env, "{{ environ.X }}-{{ jinja.templates }}")).stdout).toBe("x-[]\n");
    expect((await jinja(["-E"], env, "{{ environ is defined }}")).stdout).toBe("False\n");
    expect((await jinja(["-B"], env, "{{ lava is defined or jinja is defined }}")).stdout).toBe(
      "False\n",
    );
    expect((await jinja(["far.txt"], env)).stdout).toBe("far x\n");
    expect(await jinja(["-P", "far.txt"], env)).toMatchObject({
      status: 1,
      stderr: "jinja: far.txt: No such file or directory\n",
    });
    expect((await jinja(["-l", "l=-", "t.txt"], {}, "x\ny\n")).stdout).toBe("//['x', 'y']\n");
  });

  test("-a escapes for HTML", async () => {
    expect((await jinja(["-a", "-p", "a=<&>"], {}, "{{ a }}")).stdout).toBe("&lt;&amp;&gt;\n");
  });

  test("has lava.dag", async () => {
    const { stdout } = await jinja([], {}, "{{ lava.dag('dag.csv', compact=true) }}");

    expect(JSON.parse(stdout)).toEqual({ q: "p" });
  });

  test.each([
    [["-p", "a=1"], "{{ nope.x }}", 1, "jinja: -: 'nope' is undefined (line 1"],
    [["none.txt"], "", 1, "jinja: none.txt: No such file or directory\n"],
    [["-f", "none.yaml"], "", 1, "jinja: No such file or directory: none.yaml\n"],
    [["-l", "l=-"], "", 1, "jinja: Only one input can be from stdin\n"],
    [["-c", "inc"], "{% include 'gone' %}", 1, "jinja: -: template gone not found\n"],
    [["-c", "inc"], "{% include '../t.txt' %}", 1, "jinja: -: template ../t.txt not found\n"],
    [["-c", "inc"], "{% include 'link' %}", 1, "jinja: -: template link not found\n"],
    [["-f", "list.txt"], "", 1, "jinja: list.txt: not a map of names\n"],
    [["-p", "a"], "", 2, "Not of the form name=value: a"],
    [["--nope"], "", 2, "unknown option '--nope'"],
  ])("%j on %j ends with a clear message (CLI-213)", async (args, stdin, status, message) => {
    const result = await jinja(args, {}, stdin);

    expect(result.status).toBe(status);
    expect(result.stderr).toContain(message);
  });
});

describe("the original's names", { timeout: 30_000 }, () => {
  const run = promisify(execFile);
  const flags = ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning"];
  const main = join(import.meta.dirname, "../src/main.ts");

  /** Runs a program that is a link to the command, as an installation has it. */
  async function alias(name: string, args: readonly string[]): Promise<CliResult> {
    const program = join(folder, name);
    await symlink(main, program).catch(() => undefined);
    try {
      const { stdout, stderr } = await run(process.execPath, [...flags, program, ...args], {
        cwd: folder,
      });
      return { status: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = Object(error);
      return { status: Number(code), stdout: String(stdout), stderr: String(stderr) };
    }
  }

  test("run the command, with the original's one-line errors and statuses (CLI-001, CLI-003, CLI-004)", async () => {
    expect(await alias("jinja", ["-f", "b.json", "-P", "t.txt"])).toMatchObject({
      status: 0,
      stdout: "from json/2/\n",
    });
    expect(await alias("lava-new", ["inc", "--no-input"])).toMatchObject({
      status: expect.toBeOneOf([1, 2]),
      stderr: expect.stringMatching(/^lava-new: [^\n]+\n$/),
    });
    expect(await alias("lava-dispatcher", ["--check-dispatch", "x"])).toMatchObject({ status: 2 });
  });
});
