// `npm run test:conformance [-- --seed N --minutes M]`: random templates here and in the real Jinja2 (python3 with
// jinja2 and python-dateutil). Prints the seed and each kind of difference, made small; --record FILE keeps a sample
// of what is the same for recorded.test.ts.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Case, Oracle, type Outcome } from "./oracle.ts";
import { ours, same } from "./ours.ts";
import { type Piece, smaller, textOf } from "./piece.ts";
import { random } from "./random.ts";
import { type Sample, TemplateGenerator } from "./templates.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    minutes: { type: "string", default: "1" },
    most: { type: "string", default: "40" },
    record: { type: "string" },
    count: { type: "string" },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000_007);
process.env["TZ"] = "Australia/Sydney";

const asCase = (sample: Sample): Case => ({
  template: textOf(sample.main),
  templates: Object.fromEntries(
    Object.entries(sample.others).map(([name, part]) => [name, textOf(part)]),
  ),
  options: sample.options,
});

function* variants(sample: Sample): Iterable<Sample> {
  if (Object.keys(sample.options).length > 0) yield { ...sample, options: {} };
  if (Object.keys(sample.others).length > 0) yield { ...sample, others: {} };
  for (const main of smaller(sample.main)) yield { ...sample, main };
  for (const [name, part] of Object.entries(sample.others)) {
    const rest = Object.entries(sample.others).filter(([other]) => other !== name);
    yield { ...sample, others: Object.fromEntries(rest) };
    for (const less of smaller(part)) {
      yield { ...sample, others: { ...sample.others, [name]: less } };
    }
  }
}

const sizeOf = (sample: Sample): number =>
  [sample.main, ...Object.values(sample.others)].reduce(
    (sum, part: Piece) => sum + textOf(part).length,
    Object.keys(sample.options).length,
  );

/** The smallest sample that still differs. */
async function minimised(oracle: Oracle, start: Sample): Promise<Sample> {
  let best = start;
  for (let round = 0; round < 40; round++) {
    const candidates = [...variants(best)]
      .filter((sample) => sizeOf(sample) < sizeOf(best))
      .sort((a, b) => sizeOf(a) - sizeOf(b))
      .slice(0, 150);
    const outcomes = await oracle.render(candidates.map(asCase));
    const next = candidates.find((candidate, index) => {
      const theirs = outcomes[index];
      return theirs !== undefined && !same(ours(asCase(candidate)), theirs);
    });
    if (next === undefined) return best;
    best = next;
  }
  return best;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const shown = (outcome: Outcome | undefined): string => JSON.stringify(outcome);
const oracle = new Oracle();
const end = performance.now() + Number(values.minutes) * 60_000;
const count = values.count === undefined ? Infinity : Number(values.count);
const differences = new Map<string, number>();
const seenRough = new Set<string>();
const recorded: unknown[] = [];
let total = 0;
let different = 0;
print(`seed ${seed}`);
for (let round = 0; performance.now() < end && total < count; round++) {
  const samples = Array.from({ length: 200 }, (_none, index) =>
    new TemplateGenerator(random(seed * 1_000_003 + round * 200 + index)).sample(),
  );
  const outcomes = await oracle.render(samples.map(asCase));
  for (const [index, sample] of samples.entries()) {
    const theirs = outcomes[index];
    if (theirs === undefined) continue;
    total++;
    if (
      values.record !== undefined &&
      !("slow" in theirs) &&
      JSON.stringify(asCase(sample)).length + JSON.stringify(theirs).length < 400 &&
      same(ours(asCase(sample)), theirs)
    ) {
      recorded.push({ ...asCase(sample), ...theirs });
    }
    if (same(ours(asCase(sample)), theirs)) continue;
    different++;
    const rough = `${shown(ours(asCase(sample)))}${shown(theirs)}`.replace(/0x[0-9a-f]+|\d+/g, "");
    if (differences.size >= Number(values.most) || seenRough.has(rough)) continue;
    seenRough.add(rough);
    const least = await minimised(oracle, sample);
    const least1 = asCase(least);
    const [real] = await oracle.render([least1]);
    const mine = ours(least1);
    const key = `${shown(mine)}${shown(real)}`.replace(/0x[0-9a-f]+|\d+/g, "");
    const seen = differences.get(key) ?? 0;
    differences.set(key, seen + 1);
    if (seen > 0) continue;
    print(
      [
        `\n${least1.template}`,
        ...(Object.keys(least1.templates).length > 0 ? [JSON.stringify(least1.templates)] : []),
        ...(Object.keys(least1.options).length > 0 ? [JSON.stringify(least1.options)] : []),
        `  jinja ${shown(real)}`,
        `  lava  ${shown(mine)}`,
      ].join("\n"),
    );
  }
}
oracle.close();
if (values.record !== undefined) {
  writeFileSync(
    values.record,
    `[\n${recorded.map((item) => JSON.stringify(item)).join(",\n")}\n]\n`,
  );
}
print(`\nseed ${seed}: ${total} templates, ${different} differ, ${differences.size} kinds shown`);
process.exitCode = different > 0 ? 1 : 0;
