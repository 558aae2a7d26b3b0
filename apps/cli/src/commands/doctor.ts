import type { CliContext, Register } from "../command.ts";
import type { Check } from "../doctor/check.ts";
import { helpExamples } from "../help-examples.ts";
import { styles, printJson, printLine } from "../output.ts";
import { addRealmOptions, type RealmOptions } from "../realm-access.ts";

interface DoctorOptions extends RealmOptions {
  readonly worker?: string;
  readonly json?: boolean;
}

/** `lava doctor`. */
export const registerDoctor: Register = (program, context) => {
  addRealmOptions(
    program
      .command("doctor")
      .description("check what a worker needs: this host, AWS, the realm, permissions")
      .option("-w, --worker <name>", "the worker that is to run here")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava doctor --realm prod --worker core", "before a worker is started"],
          ["lava doctor --dev", "the dev realm of this project"],
        ),
      ),
  ).action((options: DoctorOptions) => doctor(options, context));
};

async function doctor(options: DoctorOptions, context: CliContext): Promise<void> {
  const { hostChecks } = await import("../doctor/host-checks.ts");
  const { realmChecks } = await import("../doctor/realm-checks.ts");
  const checks: Check[] = [
    ...(await hostChecks(context)),
    ...(await realmChecks(options, context)),
  ];
  if (checks.some(({ status }) => status === "failed")) context.exitStatus = 1;
  if (options.json) {
    printJson(context.stdout, { ok: context.exitStatus === 0, checks });
    return;
  }
  const style = styles(context.stdout);
  const labels = {
    ok: style.green("ok"),
    warning: style.yellow("warning"),
    failed: style.red("failed"),
    skipped: "skipped",
  };
  for (const { name, status, text, hint } of checks) {
    printLine(context.stdout, `${labels[status]}: ${name}: ${text}`);
    if (hint !== undefined && status !== "ok") printLine(context.stdout, `  ${hint}`);
  }
}
