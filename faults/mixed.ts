// `npm run test:mixed`: both kinds of worker in one realm. LAVA_ORIGINAL names a checkout of the original,
// LAVA_ORIGINAL_PYTHON the Python that has what it needs. `--write` keeps what the original did for `npm test`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { withoutKnownDifferences } from "../packages/worker/test/golden/known-differences.ts";
import { logsOf, recordMessages, runMessages, takeSent, takeState } from "./src/mixed/cases.ts";
import { mixedRealm } from "./src/mixed/realm.ts";
import { checkTakeovers } from "./src/mixed/takeovers.ts";
import { runTogether } from "./src/mixed/together.ts";
import { checkTools } from "./src/mixed/tools.ts";

// What was started goes when this process ends.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
const checkout = process.env["LAVA_ORIGINAL"];
if (checkout === undefined) {
  process.stderr.write("LAVA_ORIGINAL must name a checkout of the original\n");
  process.exit(2);
}
const python = process.env["LAVA_ORIGINAL_PYTHON"] ?? "python3";
let failures = 0;
const check = (what: string, ok: boolean, detail = ""): void => {
  if (!ok) failures += 1;
  say(`${ok ? "ok" : "DIFFERS"}  ${what}${ok ? "" : `\n${detail}`}`);
};

await using mixed = await mixedRealm(checkout, python);
const { realm, original, fleet } = mixed;
say(`the original, version ${original.version}`);
const bodies = await recordMessages(original, realm);
say(`${bodies.length} messages recorded`);

const theirs = await (async () => {
  await using worker = await original.startWorker();
  const cases = await runMessages(realm, bodies);
  const logs = logsOf(worker.output(), cases);
  return { cases, logs, sent: await takeSent(realm), state: await takeState(realm) };
})();
if (values.write) {
  const file = join(import.meta.dirname, "../packages/worker/test/golden/original.json");
  writeFileSync(
    file,
    `${JSON.stringify({ version: original.version, ...theirs }, undefined, 1)}\n`,
  );
  say(`written: ${file}`);
}

// The same messages again, under new run ids, for a worker of ours.
const again = bodies.map((body) =>
  body
    .replace(/("run_id": ?)"[^"]*"/, `$1"${crypto.randomUUID()}"`)
    .replace(/"run_id": ?"[^"]*"/, `"run_id": "${crypto.randomUUID()}"`),
);
await fleet.add();
const ours = await runMessages(realm, again);
for (const [index, mine] of ours.entries()) {
  const theirSample = theirs.cases[index]?.sample;
  check(
    `${mine.job_id}: items and outputs`,
    theirSample !== undefined &&
      isDeepStrictEqual(withoutKnownDifferences(mine.sample), withoutKnownDifferences(theirSample)),
    `original ${JSON.stringify(theirSample, undefined, 1)}\nours ${JSON.stringify(mine.sample, undefined, 1)}`,
  );
}
const logs = logsOf(readFileSync(join(mixed.folder, "worker-1.log"), "utf8"), ours);
check(
  "log lines of the runs",
  isDeepStrictEqual(logs, theirs.logs),
  JSON.stringify([theirs.logs, logs], undefined, 1),
);
const sent = await takeSent(realm);
check(
  "messages that jobs and actions send",
  isDeepStrictEqual(sent, theirs.sent),
  JSON.stringify([theirs.sent, sent], undefined, 1),
);
const state = await takeState(realm);
check(
  "state items",
  isDeepStrictEqual(state, theirs.state),
  JSON.stringify([theirs.state, state], undefined, 1),
);
await fleet.stop();
await checkTools(mixed, ours, check);
await runTogether(mixed, theirs.cases, check);
await checkTakeovers(mixed, check);
process.exitCode = failures === 0 ? 0 : 1;
