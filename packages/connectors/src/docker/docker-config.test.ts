import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadDockerConfig } from "./docker-config.ts";

async function configFolder(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lava-docker-config-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "config.json"), content);
  return folder;
}

test("users of registries and proxies of containers come from docker's own file", async () => {
  const auth = Buffer.from("me:pass:word").toString("base64");
  const folder = await configFolder(
    JSON.stringify({
      auths: { "r:5000": { auth }, "https://index.docker.io/v1/": { auth } },
      proxies: { default: { httpProxy: "http://p:1", noProxy: "localhost" } },
    }),
  );

  const config = await loadDockerConfig({ DOCKER_CONFIG: folder });

  expect(config.user("r:5000")).toEqual({ username: "me", password: "pass:word" });
  expect(config.user("docker.io")).toMatchObject({ username: "me" });
  expect(config.user("other")).toBeUndefined();
  expect(config.proxies).toEqual({
    http_proxy: "http://p:1",
    HTTP_PROXY: "http://p:1",
    no_proxy: "localhost",
    NO_PROXY: "localhost",
  });
});

test("a file that is missing or broken counts as empty", async () => {
  const broken = await loadDockerConfig({ DOCKER_CONFIG: await configFolder("{") });
  const missing = await loadDockerConfig({});

  expect([broken.proxies, missing.proxies]).toEqual([{}, {}]);
  expect(missing.user("r")).toBeUndefined();
});
