import { readFile } from "node:fs/promises";
import { isMap } from "@lava/core";
import type { Mark } from "./types.ts";

/**
 * A bash script for payloads under test.
 *
 * `script MARKS MS [ATTEMPT [FAILURES]]` appends a `start` line to the file MARKS, an `alive` line every 20 ms for MS
 * milliseconds, and an `end` line; it fails while ATTEMPT is not above FAILURES. `script MARKS action JOB RUN NAME` appends one
 * `action` line. Each line is one write to a file opened for appending, and synced, so the order of lines is
 * the order in which things happened, whatever the clocks say.
 */
export const markPayload = `#!/bin/bash
marks=$1
# The number of the worker: its parent may be a process that starts programs for it.
worker=$PPID
[ -z "$LAVA_PROCESS" ] || worker=$((16#\${LAVA_PROCESS%%-*}))
mark() {
  local up rest
  read -r up rest < /proc/uptime
  printf '{"kind":"%s","job_id":"%s","run_id":"%s","key":"%s","epoch":%s,"attempt":%s,"pid":%s,"worker":%s,"mono":%s,"wall":%s%s}\\n' \\
    "$1" "$LAVA_JOB_ID" "$LAVA_RUN_ID" "\${LAVA_IDEMPOTENCY_KEY:-$LAVA_JOB_ID/$LAVA_RUN_ID}" "\${LAVA_EPOCH:-0}" \\
    "$attempt" $$ "$worker" "$up" "\${EPOCHREALTIME/,/.}" "$2" >> "$marks"
  [ "$1" = alive ] || sync -d "$marks"
}
if [ "$2" = action ]; then
  attempt=0
  mark action ",\\"of\\":{\\"job_id\\":\\"$3\\",\\"run_id\\":\\"$4\\",\\"action\\":\\"$5\\"}"
  exit 0
fi
attempt=\${3:-0}
mark start
echo started
end=$((\${EPOCHREALTIME/[.,]/} + $2 * 1000))
while [ "\${EPOCHREALTIME/[.,]/}" -lt "$end" ]; do
  sleep 0.02
  mark alive
done
mark end
[ "$attempt" -gt "\${4:-0}" ] || [ "\${4:-0}" = 0 ]
`;

/** The lines of a mark file; a file that is not there has none. A last line without its end is left out. */
export async function readMarks(file: string): Promise<Mark[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => toMark(JSON.parse(line), line));
}

const KINDS = ["start", "alive", "end", "action"] as const;

function toMark(value: unknown, line: string): Mark {
  const fault = (): TypeError => new TypeError(`not a line of a mark file: ${line}`);
  if (!isMap(value)) throw fault();
  const text = (name: string, from: Readonly<Record<string, unknown>> = value): string => {
    const found = from[name];
    if (typeof found !== "string") throw fault();
    return found;
  };
  const number = (name: string): number => {
    const found = value[name];
    if (typeof found !== "number") throw fault();
    return found;
  };
  const kind = KINDS.find((one) => one === value["kind"]);
  if (kind === undefined) throw fault();
  const of = value["of"];
  return {
    kind,
    job_id: text("job_id"),
    run_id: text("run_id"),
    key: text("key"),
    epoch: number("epoch"),
    attempt: number("attempt"),
    pid: number("pid"),
    worker: number("worker"),
    mono: number("mono"),
    wall: number("wall"),
    ...(isMap(of)
      ? {
          of: {
            job_id: text("job_id", of),
            run_id: text("run_id", of),
            action: text("action", of),
          },
        }
      : {}),
  };
}
