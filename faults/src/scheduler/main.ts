import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { schedulerRows } from "./rows.ts";
import { runSchedulerRound } from "./scheduler-round.ts";

/** The rounds of schedulers, as a command. @returns its exit status */
export async function schedulersMain(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: String(Math.floor(Math.random() * 1e6)) },
      /** Slots in each row. */
      slots: { type: "string", default: "1200" },
      row: { type: "string", default: "" },
      report: { type: "string" },
    },
  });
  const [seed, slots] = [Number(values.seed), Number(values.slots)];
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`seed ${seed}`);
  let broken = 0;
  let total = 0;
  for (const row of schedulerRows) {
    if (!row.name.includes(values.row)) continue;
    const round = await runSchedulerRound(row, seed, slots);
    total += round.slots;
    broken += round.violations.length;
    for (const violation of round.violations.slice(0, 20)) say(`  ${violation}`);
    if (round.violations.length > 0) {
      say(`  -- scheduler --seed ${seed} --row "${row.name}"; logs: ${round.folder}`);
    }
    say(
      `${round.violations.length === 0 ? "ok" : "VIOLATED"}  ${row.name}: ${round.slots} slots, ${round.messages} messages, ` +
        `${round.epochs} epochs, latest after ${round.latest} ms, ${round.violations.length} violations`,
    );
    if (values.report !== undefined) {
      const { violations, folder: _folder, ...figures } = round;
      const line = { row: row.name, seed, ...figures, violations: violations.length };
      appendFileSync(values.report, `${JSON.stringify(line)}\n`);
    }
  }
  say(`${total} slots, ${broken} violations`);
  return broken === 0 ? 0 : 1;
}
