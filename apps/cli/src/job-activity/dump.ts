import { readFile, writeFile } from "node:fs/promises";
import { errorText, LavaError } from "@lava/core";
import * as z from "zod";
import { type RunActivity, type TimeSpan, timeSpan, utcTime } from "./activity.ts";

const span = z
  .object({ start_dt: z.string(), end_dt: z.string() })
  .transform(({ start_dt, end_dt }) => timeSpan(utcTime(start_dt), utcTime(end_dt)))
  .refine(({ start, end }) => Number.isFinite(start) && Number.isFinite(end), "bad timestamp");

const dump = z.object({
  realm: z.string(),
  timespan: span,
  jobs: z.array(z.string()),
  events: z.array(
    z.object({
      job_id: z.string(),
      run_id: z.string(),
      status: z.string(),
      worker: z.string(),
      ts_dispatch: z.string().nullable(),
      tu_event: z.string(),
      runtimes: z.array(span),
    }),
  ),
});

/** What a dump file holds. */
export interface ActivityDump {
  readonly realm: string;
  readonly span: TimeSpan;
  readonly jobs: readonly string[];
  readonly runs: readonly RunActivity[];
}

/** Writes a dump as the original does, which can load it (CLI-120). */
export async function writeDump(
  file: string,
  { realm, span, jobs, runs }: ActivityDump,
): Promise<void> {
  const text = ({ start, end }: TimeSpan) => ({ start_dt: iso(start), end_dt: iso(end) });
  const events = runs.map((run) => ({ ...run, runtimes: run.runtimes.map(text) }));
  const content = { realm, timespan: text(span), jobs, events };
  await writeFile(file, `${JSON.stringify(content, undefined, 4)}\n`);
}

/** Reads a dump, also one of the original's. @throws {LavaError} BAD_DUMP_FILE */
export async function readDump(file: string): Promise<ActivityDump> {
  let parsed: z.output<typeof dump>;
  try {
    parsed = dump.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    const text =
      cause instanceof z.ZodError
        ? cause.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")
        : errorText(cause);
    throw new LavaError("BAD_DUMP_FILE", `${file}: ${text}`, { cause });
  }
  const { realm, timespan, jobs, events } = parsed;
  return { realm, span: timespan, jobs, runs: events };
}

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
