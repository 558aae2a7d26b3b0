// The thread that renews a worker's lease and hides its messages while the worker's own event loop is busy.
import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";

const { compileCache }: { readonly compileCache?: string } = workerData;
if (compileCache !== undefined) enableCompileCache(compileCache);
const { runRenewals } = await import("./run-renewals.ts");
runRenewals();
