import { LavaError } from "@lava/core";
import type { CliContext, Register } from "../command.ts";
import { compareVersions } from "../compare-versions.ts";
import { printJson, printLine } from "../output.ts";
import { EXIT } from "../report-error.ts";
import { VERSION, VERSION_NAME } from "../version.ts";

interface VersionOptions {
  readonly number?: boolean;
  readonly name?: boolean;
  readonly all?: boolean;
  readonly ge?: string;
  readonly eq?: string;
  readonly json?: boolean;
}

/** `lava version`. */
export const registerVersion: Register = (program, context) => {
  program
    .command("version")
    .description("print the version of lava and of what it runs on")
    .option("--number", "the number alone")
    .option("-n, --name", "the name alone")
    .option("-a, --all", "number and name")
    .option("--ge <version>", "print nothing; status 0 if this is that version or later, else 1")
    .option("--eq <version>", "print nothing; status 0 if this is that version, else 1")
    .option("--json", "print JSON")
    .action((options: VersionOptions) => {
      version(options, context);
    });
};

function version({ json, ...options }: VersionOptions, context: CliContext): void {
  const { number, name, all, ge, eq } = options;
  if (Object.keys(options).length > 1) {
    throw new LavaError("BAD_OPTIONS", "At most one of the options can be given", {
      kind: "usage",
    });
  }
  if (ge !== undefined || eq !== undefined) {
    const order = compareVersions(VERSION, ge ?? eq ?? "");
    const isTrue = ge === undefined ? order === 0 : order >= 0;
    if (!isTrue) context.exitStatus = EXIT.failure;
    return;
  }
  const versions = {
    lava: VERSION,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
  const { stdout } = context;
  if (json) printJson(stdout, versions);
  else if (number) printLine(stdout, VERSION);
  else if (name) printLine(stdout, VERSION_NAME);
  else if (all) printLine(stdout, `${VERSION} (${VERSION_NAME})`);
  else printLine(stdout, `lava ${versions.lava} (Node.js ${versions.node}, ${versions.platform})`);
}
