import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readHostStats } from "./host-stats.ts";

async function socketFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lava-host-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("disk, memory, swap and docker's disk in percent (WF-205 to WF-207, OPS-236 to OPS-238)", async () => {
  const folder = await socketFolder();
  const daemon = createServer((_request, response) => {
    response.end(JSON.stringify({ DockerRootDir: folder }));
  });
  onTestFinished(() => void daemon.close());
  const socket = join(folder, "docker.sock");
  await new Promise<void>((resolve) => void daemon.listen(socket, resolve));

  const stats = await readHostStats(folder, { DOCKER_HOST: `unix://${socket}` });

  for (const value of Object.values(stats)) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(100);
  }
});

test("what cannot be known is left out", async () => {
  const folder = await socketFolder();
  const away = { DOCKER_HOST: `unix://${folder}/none.sock` };

  expect(await readHostStats("/nonexistent", away)).toMatchObject({
    tmp: undefined,
    docker: undefined,
  });
  expect((await readHostStats("/", { DOCKER_HOST: "tcp://10.0.0.1:2375" })).docker).toBeUndefined();
});
