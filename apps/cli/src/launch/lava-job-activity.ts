#!/usr/bin/env node
// The original's command lava-job-activity: the name of the program says so to main.ts.
await import("./lava.ts");
