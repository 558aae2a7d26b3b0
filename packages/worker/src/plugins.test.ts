import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { joinPlugins, loadPlugins } from "./plugins.ts";
import { defineJobType } from "./plugins/plugin.ts";
import { pluginNames } from "./plugins/resolve-plugin.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-plugins-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

const BODY = `
const parameters = { safeParse: (data) => ({ success: true, data }) };
export const actions = [{ type: "tell", parameters, async run() {} }];
`;

describe("a plug-in is loaded", () => {
  test.each([
    ["a file", "./one.mjs", "one.mjs"],
    ["a directory", "./dir", "dir/index.mjs"],
    ["a package", "lava-mine", "node_modules/lava-mine/index.mjs"],
  ])("from %s", async (_what, name, path) => {
    await file(path, BODY);
    if (name === "lava-mine") {
      await file(
        "node_modules/lava-mine/package.json",
        '{"exports": {".": {"import": "./index.mjs"}}}',
      );
    }
    const plugins = await loadPlugins([name], { from: folder });

    expect(plugins.actions.map(({ type }) => type)).toEqual(["tell"]);
  });

  test("by the names of PLUGIN_PATH", () => {
    expect(pluginNames("a::./b:/c")).toEqual(["a", "./b", "/c"]);
    expect(pluginNames(undefined)).toEqual([]);
  });
});

describe("a plug-in is refused", () => {
  test.each([
    [
      "that is not there",
      "lava-none",
      "",
      "PLUGIN_NOT_LOADED",
      /Plug-in lava-none: it is not installed at /,
    ],
    ["without a file", "./none.mjs", "", "PLUGIN_NOT_LOADED", /there is no .*none\.mjs/],
    [
      "that throws",
      "./throws.mjs",
      "throw new Error('boom')",
      "PLUGIN_NOT_LOADED",
      /it failed while it was loaded from .*: boom/,
    ],
    [
      "with a fault in its text",
      "./syntax.mjs",
      "export const = 1",
      "PLUGIN_NOT_LOADED",
      /failed while it was loaded/,
    ],
    [
      "that exports nothing of use",
      "./empty.mjs",
      "export const a = 1",
      "BAD_PLUGIN",
      /it exports none of jobTypes, actions/,
    ],
    [
      "without a schema",
      "./shape.mjs",
      "export const jobTypes = [{ type: 'x', run() {} }]",
      "BAD_PLUGIN",
      /jobTypes must be a list of objects with type, parameters \(a zod schema\) and run/,
    ],
  ])("%s", async (_what, name, content, code, message) => {
    if (content !== "") await file(name, content);

    await expect(loadPlugins([name], { from: folder })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test("when its type is taken, by lava or by another one", () => {
    const mine = (type: string) =>
      defineJobType({ type, parameters: z.object({}), run: async () => ({ exit_status: 0 }) });

    expect(() => joinPlugins([{ jobTypes: [mine("docker")] }], ["p"])).toThrow(
      "Plug-in p: the job type docker is taken",
    );
    expect(() =>
      joinPlugins([{ jobTypes: [mine("a")] }, { jobTypes: [mine("a")] }], ["p", "q"]),
    ).toThrow("Plug-in q: the job type a is taken");
    expect(() =>
      joinPlugins([
        { generators: [{ type: "s3list", parameters: z.object({}), async *values() {} }] },
      ]),
    ).toThrow("the foreach source s3list is taken");
  });
});
