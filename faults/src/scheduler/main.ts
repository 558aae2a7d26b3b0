import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { schedulerRows } from "./rows.ts";
import { runSchedulerRound, type SchedulerRow } from "./scheduler-round.ts";

interface Wanted {
  readonly seed: number;
  readonly slots: number;
  readonly rounds: number;
  readonly row: string;
  readonly report: string | undefined;
}

type Say = (line: string) => void;

/** The rounds of schedulers, as a command. @returns its exit status */
export async function schedulersMain(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: String(Math.floor(Math.random() * 1e6) + 1) },
      /** Slots in each row, over all its rounds. */
      slots: { type: "string", default: "1200" },
      /** Rounds of each row, each with a realm, schedulers and a seed of its own. */
      rounds: { type: "string", default: "2" },
      row: { type: "string", default: "" },
      /** One JSON line for each row is added to this file. */
      report: { type: "string" },
    },
  });
  const say: Say = (line) => void process.stdout.write(`${line}\n`);
  const wanted = {
    seed: Number(values.seed),
    slots: Number(values.slots),
    rounds: Number(values.rounds),
    row: values.row,
    report: values.report,
  };
  if (![wanted.seed, wanted.slots, wanted.rounds].every((n) => Number.isInteger(n) && n > 0)) {
    say("--seed, --slots and --rounds are whole numbers above 0");
    return 2;
  }
  const rows = schedulerRows.filter(({ name }) => name.includes(wanted.row));
  if (rows.length === 0) {
    say(`no row ${wanted.row}; there are: ${schedulerRows.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  say(`seed ${wanted.seed}; ${rows.length} rows, ${wanted.slots} slots each`);
  let [slots, broken] = [0, 0];
  for (const row of rows) {
    const total = await runRow(row, wanted, say);
    slots += total.slots;
    broken += total.violations;
  }
  say(`${slots} slots, ${broken} violations`);
  return broken === 0 ? 0 : 1;
}

async function runRow(
  row: SchedulerRow,
  { seed, slots, rounds, report }: Wanted,
  say: Say,
): Promise<{ readonly slots: number; readonly violations: number }> {
  const total = { slots: 0, messages: 0, leaders: 0, latest: 0, violations: 0 };
  for (let index = 0; index < rounds; index += 1) {
    const round = await runSchedulerRound(row, seed + index, Math.ceil(slots / rounds));
    total.slots += round.slots;
    total.messages += round.messages;
    total.leaders += round.epochs;
    total.latest = Math.max(total.latest, round.latest);
    total.violations += round.violations.length;
    for (const violation of round.violations.slice(0, 20)) say(`  ${violation}`);
    if (round.violations.length > 0) {
      say(
        `  scheduler --seed ${seed + index} --rounds 1 --slots ${Math.ceil(slots / rounds)} --row "${row.name}"; logs: ${round.folder}`,
      );
    }
  }
  say(
    `${total.violations === 0 ? "ok" : "VIOLATED"}  ${row.name}: ${total.slots} slots, ${total.messages} messages, ` +
      `${total.leaders} terms of leaders, latest after ${total.latest} ms, ${total.violations} violations`,
  );
  if (report !== undefined) {
    appendFileSync(report, `${JSON.stringify({ row: row.name, seed, ...total })}\n`);
  }
  return total;
}
