import { expect, test } from "vitest";
import { workerOfCommandLine } from "./worker-command-line.ts";

const found = { realm: "dev", worker: "core" };

test.each([
  ["/usr/bin/python3 /opt/lava/bin/lava-worker -r dev -w core", found],
  ["/v/bin/Python /x/lava-worker.py --worker=core --realm dev --daemon", found],
  ["/usr/bin/node /usr/bin/lava-worker -rdev -wcore", found],
  ["node --disable-warning=X -C @lava/source /x/cli/src/main.ts worker -r dev -w core", found],
  ["/n/node /x/dist/lava.js lava-worker --realm dev --worker core --daemon-child", found],
  ["/usr/bin/python3 /opt/lava/bin/lava-worker -r dev", undefined],
  ["/usr/bin/python3 lava-worker -r dev -w core", undefined],
  ["/usr/bin/node /usr/bin/lava-worker --last-will -r dev -w core", undefined],
  ["/usr/bin/node /x/worker.js -r dev -w core", undefined],
  ["/usr/bin/node /x/dist/lava.js stop -r dev -w core", undefined],
  ["vi /opt/lava/bin/lava-worker -r dev -w core", undefined],
  ["sh -c lava-worker -r dev -w core", undefined],
  ["", undefined],
])("%s is the process of a worker or not (WK-016, CLI-128, CLI-173)", (line, worker) => {
  expect(workerOfCommandLine(line.split(" "))).toEqual(worker);
});

test("the environment names the realm and the worker of ours", () => {
  const environ = { LAVA_REALM: "dev", LAVA_WORKER: "core" };

  expect(workerOfCommandLine(["node", "/x/lava-worker"], environ)).toEqual(found);
  expect(workerOfCommandLine(["python3", "/x/lava-worker"], environ)).toBeUndefined();
});
