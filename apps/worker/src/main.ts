#!/usr/bin/env node
import { formatIssue, LavaError } from "@lava/core";
import { workerMain } from "./worker-main.ts";

/** The one place that turns errors into text and exit status (anchors 3): 1 expected, 2 usage, 70 our own bug. */
try {
  process.exitCode = await workerMain(process.argv.slice(2), { env: process.env });
} catch (error) {
  if (error instanceof LavaError) {
    console.error(`lava-worker: ${error.message}`);
    for (const issue of error.issues) console.error(`  ${formatIssue(issue)}`);
    if (error.hint !== undefined) console.error(error.hint);
    process.exitCode = error.kind === "usage" ? 2 : 1;
  } else {
    console.error("lava-worker: internal error; please report it:", error);
    process.exitCode = 70;
  }
}
