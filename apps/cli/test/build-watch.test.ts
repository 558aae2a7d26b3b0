import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectDir } from "@lava/testing";
import { expect, test } from "vitest";

const config = `realm: test
prefix: { job: app/t, payload: app/t, s3trigger: app/t, rule: lava.test.t, docker_repo: lava/t }
docker: { base_img: img }
`;
const job = (name: string, payload = "echo"): string =>
  `job_id: app/t/${name}\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: ${payload}\n`;

/** `lava build --watch` of a project, as somebody would run it; its lines without times. */
async function watching(more: Readonly<Record<string, string>> = {}) {
  const files = await projectDir({
    "config/dev.yaml": config,
    "lava-jobs/a.yaml": job("a"),
    "lava-jobs/b.yaml": job("b"),
    ...more,
  });
  const main = join(import.meta.dirname, "../src/main.ts");
  const args = ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning", main];
  let errors = "";
  const start = () => {
    const child = spawn(process.execPath, [...args, "build", "-e", "dev", "--watch"], {
      cwd: files.path,
      env: { PATH: process.env["PATH"] ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    const exited = once(child, "exit");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, exited, lines };
  };
  let started: ReturnType<typeof start> | undefined;
  return {
    files,
    errors: () => errors,
    built: (path: string) => readFileSync(files.file(`dist/dev/${path}`), "utf8"),
    async next(): Promise<string> {
      started ??= start();
      return String((await started.lines.next()).value)
        .replace(/^\S+ /, "")
        .replace(/ \(\d+ ms\)$/, "");
    },
    async stop(): Promise<unknown> {
      started?.child.kill("SIGINT");
      return (await started?.exited)?.[0];
    },
    async [Symbol.asyncDispose](): Promise<void> {
      started?.child.kill("SIGKILL");
      await started?.exited;
      await files[Symbol.asyncDispose]();
    },
  };
}

test("--watch builds again after each change, one line each, until it is interrupted", async () => {
  await using watch = await watching();
  const { files } = watch;

  expect(await watch.next()).toBe("dist/dev: 2 built, 0 unchanged");
  await files.write({ "lava-jobs/a.yaml": `${job("a")}x-note: changed\n` });
  expect(await watch.next()).toBe("dist/dev: 1 built, 1 unchanged");
  await files.write({ "lava-jobs/a.yaml": "job_id: [" });
  expect(await watch.next()).toMatch(/^failed: .* cannot be built for dev: \d fault/);
  await expect.poll(watch.errors).toContain("lava-jobs/a.yaml");
  expect(watch.built("lava-jobs/b.json")).toContain("app/t/b");
  await files.write({ "lava-jobs/a.yaml": job("a"), "lava-rules/README.md": "new folder" });
  expect(await watch.next()).toMatch(/^dist\/dev: (?:1 built, 1|0 built, 2) unchanged$/);
  rmSync(files.file("lava-jobs/b.yaml"));
  expect(await watch.next()).toMatch(/^dist\/dev: 0 built, 1 unchanged, 1 removed$/);
  expect(await watch.stop()).toBe(0);
});

test("--watch sees files that editors replace, each time, and a burst of them as one change", async () => {
  await using watch = await watching();
  const { files } = watch;
  const save = async (payload: string): Promise<void> => {
    await files.write({ "lava-jobs/a.yaml.swp": job("a", payload) });
    renameSync(files.file("lava-jobs/a.yaml.swp"), files.file("lava-jobs/a.yaml"));
  };
  await watch.next();

  for (const payload of ["one", "two", "three"]) {
    await save(payload);
    expect(await watch.next()).toBe("dist/dev: 1 built, 1 unchanged");
    expect(watch.built("lava-jobs/a.json")).toContain(`"${payload}"`);
  }
  for (let at = 0; at < 30; at += 1) {
    await save(`burst-${at}`);
    await files.write({ [`lava-jobs/more/${at}.yaml`]: job(`more-${at}`) });
  }
  expect(await watch.next()).toBe("dist/dev: 31 built, 1 unchanged");
  // The very next line is that of the next change: the burst was one build.
  await save("last");
  expect(await watch.next()).toBe("dist/dev: 1 built, 31 unchanged");
});

test("--watch sees what comes into new folders, and into a folder that was removed and is there again", async () => {
  await using watch = await watching();
  const { files } = watch;
  await watch.next();

  await files.write({ "lava-jobs/new/deep/c.yaml": job("c") });
  expect(await watch.next()).toBe("dist/dev: 1 built, 2 unchanged");
  await files.write({ "lava-jobs/new/deep/c.yaml": job("c", "date") });
  expect(await watch.next()).toBe("dist/dev: 1 built, 2 unchanged");
  rmSync(files.file("lava-jobs/new"), { recursive: true });
  mkdirSync(files.file("lava-jobs/new/deep"), { recursive: true });
  expect(await watch.next()).toMatch(/1 removed$/);
  await files.write({ "lava-jobs/new/deep/c.yaml": job("c") });
  expect(await watch.next()).toBe("dist/dev: 1 built, 2 unchanged");
  await files.write({ "lava-connections/x.yaml": "conn_id: app/t/x\n" });
  expect(await watch.next()).toMatch(/^failed/);
});

test("--watch sees what specs include, and what links lead to, wherever in the project it is", async () => {
  await using watch = await watching({
    "shared/part.yaml": "payload: one\n",
    "shared/jobs/l.yaml": job("l", "one"),
    "lava-jobs/_common/owner.yaml": "owner: o1\n",
    "lava-jobs/i.yaml": `${job("i").replace(/owner: o\n|payload: echo\n/g, "")}<% include '_common/owner.yaml' %>\n<% include '_common/part.yaml' %>\n`,
  });
  const { files } = watch;
  symlinkSync("../../shared/part.yaml", files.file("lava-jobs/_common/part.yaml"));
  symlinkSync("../shared/jobs", files.file("lava-jobs/linked"));
  expect(await watch.next()).toBe("dist/dev: 4 built, 0 unchanged");

  await files.write({ "lava-jobs/_common/owner.yaml": "owner: o2\n" });
  expect(await watch.next()).toBe("dist/dev: 1 built, 3 unchanged");
  expect(watch.built("lava-jobs/i.json")).toContain('"o2"');
  await files.write({ "shared/part.yaml": "payload: two\n" });
  expect(await watch.next()).toBe("dist/dev: 1 built, 3 unchanged");
  await files.write({ "shared/part.new": "payload: three\n" });
  renameSync(files.file("shared/part.new"), files.file("shared/part.yaml"));
  expect(await watch.next()).toBe("dist/dev: 1 built, 3 unchanged");
  expect(watch.built("lava-jobs/i.json")).toContain('"three"');
  await files.write({ "shared/jobs/l.yaml": job("l", "two") });
  expect(await watch.next()).toBe("dist/dev: 1 built, 3 unchanged");
});

test("--watch sees templates outside of the folders of a project, and not what no build reads", async () => {
  await using watch = await watching({
    "lib/note.j2": "x-note: one\n",
    "lava-jobs/a.yaml": `${job("a")}<% include 'lib/note.j2' %>\n`,
  });
  const { files } = watch;
  expect(await watch.next()).toBe("dist/dev: 2 built, 0 unchanged");

  await files.write({ "README.md": "new", "lib/other.j2": "new" });
  await files.write({ "lib/note.j2": "x-note: two\n" });
  expect(await watch.next()).toBe("dist/dev: 1 built, 1 unchanged");
  expect(watch.built("lava-jobs/a.json")).toContain('"two"');
});
