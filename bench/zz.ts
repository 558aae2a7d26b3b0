import { readdirSync } from "node:fs";
import { benchRealm, cmdJob, workerArgs, WORKER } from "./src/bench-realm.ts";
import { rssMb, startProgram, childrenOf } from "./src/processes.ts";
await using bench = await benchRealm();
await bench.put(cmdJob("bench/true", "sleep 3"));
await bench.put(cmdJob("bench/fast", "true"));
const worker = await startProgram("worker", workerArgs(4), bench.env);
const pid = worker.child.pid!;
await new Promise((r) => setTimeout(r, 1000));
console.log(
  "idle",
  rssMb(pid),
  childrenOf(pid).map((c) => rssMb(c)),
  readdirSync(`/proc/${pid}/task`).length,
);
for (let i = 0; i < 20; i++) await bench.realm.dispatch({ job_id: "bench/fast", worker: WORKER });
await bench.realm.dispatch({ job_id: "bench/true", worker: WORKER });
await new Promise((r) => setTimeout(r, 3000));
console.log(
  "running",
  rssMb(pid),
  childrenOf(pid).map((c) => rssMb(c)),
  readdirSync(`/proc/${pid}/task`).length,
  bench.calls,
);
await new Promise((r) => setTimeout(r, 3000));
console.log("after", rssMb(pid));
await worker.stop();
console.log("done");
