// Compares a JSON list of templates here and in the real Jinja2: `node ... sample.ts FILE`.
import { readFileSync } from "node:fs";
import { Oracle, type Outcome } from "./oracle.ts";
import { ours, same } from "./ours.ts";

process.env["TZ"] = "Australia/Sydney";
const templates = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as readonly string[];
const oracle = new Oracle();
const cases = templates.map((template) => ({ template, templates: {}, options: {} }));
const outcomes: Outcome[] = [];
for (let at = 0; at < cases.length; at += 500) {
  outcomes.push(...(await oracle.render(cases.slice(at, at + 500))));
}
oracle.close();
let different = 0;
for (const [index, item] of cases.entries()) {
  const theirs = outcomes[index];
  const mine = ours(item);
  if (theirs === undefined || same(mine, theirs)) continue;
  different++;
  process.stdout.write(
    `\n${item.template}\n  jinja ${JSON.stringify(theirs)}\n  lava  ${JSON.stringify(mine)}\n`,
  );
}
process.stdout.write(`\n${cases.length} templates, ${different} differ\n`);
