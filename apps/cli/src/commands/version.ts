import type { Register } from "../command.ts";
import { printJson, printLine } from "../output.ts";
import { VERSION } from "../version.ts";

/** `lava version`. */
export const registerVersion: Register = (program, context) => {
  program
    .command("version")
    .description("print the version of lava and of what it runs on")
    .option("--json", "print JSON")
    .action(({ json }: { json?: boolean }) => {
      const versions = {
        lava: VERSION,
        node: process.versions.node,
        platform: `${process.platform}-${process.arch}`,
      };
      if (json) printJson(context.stdout, versions);
      else
        printLine(
          context.stdout,
          `lava ${versions.lava} (Node.js ${versions.node}, ${versions.platform})`,
        );
    });
};
