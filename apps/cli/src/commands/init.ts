import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMap } from "@lava/core";
import type { Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { openCurrentProject } from "../project-access.ts";

/** `lava init`. */
export const registerInit: Register = (program, context) => {
  program
    .command("init")
    .description(
      "prepare a project for work: git with a hook, a Python environment where it has requirements",
    )
    .option("--no-git", "leave git alone")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      helpExamples(["lava init", "after `lava new`, and whenever requirements change"]),
    )
    .action(async ({ git, json }: { git: boolean; json?: boolean }) => {
      const { initProject } = await import("@lava/framework");
      const project = await openCurrentProject(context);
      const record: unknown = JSON.parse(
        await readFile(join(project.dir, ".config.json"), "utf8").catch(() => "{}"),
      );
      const recorded = isMap(record) && isMap(record["cookiecutter"]) ? record["cookiecutter"] : {};
      const index = recorded["pip_index_url"];
      const done = await initProject(project, {
        git: git && recorded["git_setup"] !== "no",
        pipIndexUrl: typeof index === "string" ? index : undefined,
      });
      if (json === true) printJson(context.stdout, { done });
      else for (const line of done) printLine(context.stdout, line);
    });
};
