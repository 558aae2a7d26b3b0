import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkProject, openProject, withPlugins } from "@lava/framework";
import { pluginRealm } from "@lava/testing";
import { joinPlugins, loadPlugins, specExtensions, startWorker } from "@lava/worker";
import { expect, onTestFinished, test } from "vitest";
import { plugin } from "../plugin.ts";

const root = join(import.meta.dirname, "..");

test("jobs, actions, sources and connections of the plug-in work together", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-greet-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "journal");
  await writeFile(join(folder, "words"), "Ada  Grace\n");
  await using at = await pluginRealm({
    startWorker,
    plugins: joinPlugins([plugin]),
    connections: [{ conn_id: "book", type: "journal", file }],
    jobs: [
      {
        job_id: "greet",
        type: "greet",
        payload: "{{ globals.word }}",
        parameters: { conn_id: "book", times: 2 },
        on_success: [{ action: "note", conn_id: "book", line: "greeted {{ result.greeted }}" }],
      },
      {
        job_id: "all",
        type: "foreach",
        payload: "greet",
        parameters: { foreach: { type: "words", file: join(folder, "{{ 'words' }}") } },
      },
    ],
  });

  const run = await at.run("all");

  expect(run.status).toBe("complete");
  const line = (name: string) => [`Hello ${name}`, `Hello ${name}`, `greeted ${name}`];
  expect((await readFile(file, "utf8")).trim().split("\n")).toEqual([
    ...line("Ada"),
    ...line("Grace"),
  ]);
});

test("the project is checked by the plug-in's schemas", async () => {
  const project = await openProject(root);
  const extensions = specExtensions(await loadPlugins(project.pluginNames, { from: root }));

  const unknown = await checkProject(project);
  const known = await checkProject(withPlugins(project, { extensions, key: "1" }));

  expect(unknown.ok).toBe(false);
  expect(known.issues).toEqual([]);
});
