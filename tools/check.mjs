#!/usr/bin/env node
// Everything that holds the repository together, one step after the other; all steps run, and the first
// failure decides the exit status.
import { spawnSync } from "node:child_process";

const steps = [
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["format", "oxfmt", "--check", "."],
  ["dependencies", "sherif"],
  ["unused code", "knip"],
  ["types", "turbo", "run", "typecheck", "--output-logs=errors-only"],
  ["build", "turbo", "run", "build", "--output-logs=errors-only"],
  ["package exports", "turbo", "run", "pack:check", "--output-logs=errors-only"],
];

const failed = [];
for (const [name, command, ...args] of steps) {
  const started = performance.now();
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${status === 0 ? "ok" : "FAILED"}  ${name} (${seconds} s)${error ? ` ${error.message}` : ""}`,
  );
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exit(1);
}
