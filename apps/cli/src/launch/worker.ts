// The program `worker` of the bundle; what it imports is read from the compile cache.
import { holdYoungHeap } from "./hold-young-heap.ts";
import { keepCompiledCode } from "./keep-compiled-code.ts";

holdYoungHeap();
keepCompiledCode();
await import("../programs/worker.ts");
