// Writes recorded.json by the python3 of this machine: node packages/worker/test/python/record.ts
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pythonCases } from "./cases.ts";

const folder = import.meta.dirname;
const answers = execFileSync("python3", [join(folder, "answers.py")], {
  input: JSON.stringify(pythonCases(1000, 1)),
  encoding: "utf8",
});
writeFileSync(join(folder, "recorded.json"), `${answers}\n`);
