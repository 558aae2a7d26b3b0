#!/usr/bin/env node
// The original's command lava-worker: the name of the program says so to main.ts.
import { holdYoungHeap } from "./hold-young-heap.ts";

holdYoungHeap();
await import("./lava.ts");
