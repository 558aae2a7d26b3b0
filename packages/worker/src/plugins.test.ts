import { expect, test } from "vitest";
import { loadPlugins } from "./plugins.ts";

const parseParameters = () => ({});
const run = () => Promise.resolve({ exit_status: 0 });

test("handlers and actions of packages are added", async () => {
  const module = {
    handlers: [{ type: "mine", run, parseParameters }],
    actions: [{ type: "tell", run }],
  };

  const plugins = await loadPlugins(["lava-mine"], () => Promise.resolve(module));

  expect(plugins.handlers.map(({ type }) => type)).toEqual(["mine"]);
  expect(plugins.actions.map(({ type }) => type)).toEqual(["tell"]);
});

test("a taken type, a wrong shape and a missing package are refused", async () => {
  const load = (module: unknown) => () => Promise.resolve(module);

  await expect(
    loadPlugins(["p"], load({ handlers: [{ type: "cmd", run, parseParameters }] })),
  ).rejects.toThrow("Plug-in p: the type cmd is taken");
  await expect(loadPlugins(["p"], load({ handlers: [{ type: "x" }] }))).rejects.toThrow(
    "handlers must be a list",
  );
  await expect(loadPlugins(["lava-no-such-plugin"])).rejects.toMatchObject({
    code: "PLUGIN_NOT_LOADED",
  });
});
