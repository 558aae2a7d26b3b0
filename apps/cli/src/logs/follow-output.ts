import type { LiveOutput, Realm, RunKey } from "@lava/realm";
import type { CliContext } from "../command.ts";
import { printLine, styles } from "../output.ts";
import { isOver } from "../run-summary.ts";
import { listLiveRuns, listRunOutputs } from "./run-tree.ts";

/** Milliseconds between two looks. */
const LOOK_MS = 1000;

/**
 * Prints what a run and its children print, as it comes, until the run is over; then what is still missing. While a
 * run goes on only the ends of its outputs can be seen (`LIVE_OUTPUT_INTERVAL`): where it printed faster, what was
 * missed is told.
 */
export async function followOutput(
  realm: Realm,
  top: RunKey,
  wanted: (name: string) => boolean,
  context: CliContext,
): Promise<void> {
  const printer = createPrinter(context);
  for (;;) {
    const record = await realm.events.get(top);
    if (record !== undefined && isOver(record)) {
      for (const { run, outputs } of await listRunOutputs(realm, top)) {
        for (const { name, size } of outputs) {
          if (!wanted(name)) continue;
          const from = printer.printed(run, name);
          if (size <= from) continue;
          const rest = await realm.temp.streamOutput(run, name, from);
          for await (const part of rest ?? []) printer.print(run, name, part);
        }
      }
      return;
    }
    for (const run of await listLiveRuns(realm, top)) {
      for (const name of await realm.temp.live.list(run)) {
        if (!wanted(name)) continue;
        const live = await realm.temp.live.get(run, name);
        if (live !== undefined) printer.show(run, name, live);
      }
    }
    await context.clock.sleep(LOOK_MS, context.signal);
  }
}

interface Printer {
  /** Bytes of an output that were printed or told to be missing. */
  printed(run: RunKey, name: string): number;
  /** Prints what is new in the end of an output. */
  show(run: RunKey, name: string, live: LiveOutput): void;
  print(run: RunKey, name: string, part: Uint8Array): void;
}

function createPrinter({ stdout, stderr }: CliContext): Printer {
  const positions = new Map<string, number>();
  let last: string | undefined;
  const keyOf = ({ job_id }: RunKey, name: string): string => `${job_id}: ${name}`;
  const head = (key: string): void => {
    const isOther = last !== undefined && last !== key;
    if (isOther || positions.size > 1) {
      if (last !== key) printLine(stderr, styles(stderr).bold(`==> ${key} <==`));
    }
    last = key;
  };
  const print = (run: RunKey, name: string, part: Uint8Array): void => {
    if (part.length === 0) return;
    const key = keyOf(run, name);
    head(key);
    stdout.write(part);
    positions.set(key, (positions.get(key) ?? 0) + part.length);
  };
  return {
    printed: (run, name) => positions.get(keyOf(run, name)) ?? 0,
    show(run, name, { offset, content }) {
      const key = keyOf(run, name);
      let position = positions.get(key) ?? 0;
      // An attempt that begins anew writes its outputs anew.
      if (offset + content.length < position) position = 0;
      if (offset > position) {
        head(key);
        printLine(
          stderr,
          styles(stderr).dim(`[${offset - position} bytes were printed too fast to be seen]`),
        );
        position = offset;
      }
      positions.set(key, position);
      print(run, name, content.subarray(position - offset));
    },
    print,
  };
}
