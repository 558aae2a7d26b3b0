import { type Data, LavaError, quoteShellWord } from "@lava/core";
import { isActive, readJobSchedule } from "@lava/scheduler";

const START = "#### Lava Schedules Start ####";
const END = "#### Lava Schedules End ####";

/** A job of a dispatcher, as the dispatcher index has it. */
export interface CrontabJob {
  readonly job_id: string;
  readonly worker: string;
  readonly schedule: Data | undefined;
}

/** What stands between lava's markers. */
export interface CrontabBlock {
  readonly realm: string;
  readonly env: Readonly<Record<string, string>>;
  /** The command of each line: DISPATCHER. */
  readonly program: string;
  readonly args: readonly string[];
  readonly jobs: readonly CrontabJob[];
  /** Milliseconds: which entries are active. */
  readonly now: number;
  /** Zone of `from` and `to` without one: the worker's own. */
  readonly zone: string;
}

/** A crontab, and the schedules that are not in it. */
export interface BuiltCrontab {
  readonly text: string;
  /** `Job <id>: Bad schedule entry <n>: ...`, one for each entry. */
  readonly faults: readonly string[];
}

/**
 * Puts a block into a crontab, in place of the one that is there, else at its end (WF-170 to WF-172). An entry that
 * cron would refuse, and with it the whole file, is left out and told (JOB-lavasched-06). Pure.
 *
 * @throws {LavaError} BAD_CRONTAB when a start marker has no end marker: what follows could be anybody's
 */
export function buildCrontab(old: string, block: CrontabBlock): BuiltCrontab {
  const lines = old === "" ? [] : old.replace(/\n$/, "").split("\n");
  const start = lines.indexOf(START);
  const end = start < 0 ? -1 : lines.indexOf(END, start);
  if (start >= 0 && end < 0) {
    throw new LavaError("BAD_CRONTAB", `The crontab has "${START}" and no "${END}" after it`, {
      retry: "never",
      hint: "Put the end marker below lava's lines with `crontab -e`; nothing was changed.",
    });
  }
  const before = start < 0 ? lines : lines.slice(0, start);
  const after = start < 0 ? [] : lines.slice(end + 1);
  const faults: string[] = [];
  const entries = block.jobs.flatMap((job) => linesOf(job, block, faults));
  const all = [...before, START, ...variables(block), ...entries, END, ...after];
  return { text: all.map((line) => `${line}\n`).join(""), faults };
}

function variables({ env, realm }: CrontabBlock): string[] {
  const all = Object.entries({ ...env, LAVA_REALM: realm });
  for (const [name, value] of all) {
    if (/[\r\n]/.test(`${name}${value}`)) {
      throw new LavaError("BAD_CRONTAB", `The variable ${name} of the crontab has a line break`, {
        retry: "never",
        hint: "A line break would begin another line of the crontab.",
      });
    }
  }
  return all.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
}

function linesOf(job: CrontabJob, block: CrontabBlock, faults: string[]): string[] {
  const { job_id, worker } = job;
  const words = [block.program, "--worker", worker, ...block.args, job_id];
  if (words.some((word) => /[\r\n]/.test(word))) {
    faults.push(`Job ${JSON.stringify(job_id)}: a line break cannot be in a crontab`);
    return [];
  }
  // Cron ends a command at a bare %, and hands on what follows as its input.
  const command = words
    .map(quoteShellWord)
    .join(" ")
    .replaceAll("%", String.raw`\%`);
  const list = Array.isArray(job.schedule) ? job.schedule : [job.schedule];
  return list.flatMap((item, index): string[] => {
    // Cron itself knows what a scheduler does not.
    if (typeof item === "string" && item.trim() === "@reboot") return [`@reboot ${command}`];
    const { entries, faults: bad } = readJobSchedule(
      { job_id, schedule: item },
      { zone: block.zone },
    );
    for (const { error } of bad) {
      faults.push(`Job ${job_id}: Bad schedule entry ${index + 1}: ${error.message}`);
    }
    return entries
      .filter((entry) => isActive(entry, block.now))
      .map(({ cron }) => `${cron.text} ${command}`);
  });
}
