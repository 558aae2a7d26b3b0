import { Command } from "commander";
import { layAwsOptions } from "./aws-options.ts";
import type { CliContext, Register } from "./command.ts";
import { registerBackfill } from "./commands/backfill.ts";
import { registerBuild } from "./commands/build.ts";
import { registerCancel } from "./commands/cancel.ts";
import { registerCheck } from "./commands/check.ts";
import { registerChecksum } from "./commands/checksum.ts";
import { registerCi } from "./commands/ci.ts";
import { registerClean } from "./commands/clean.ts";
import { registerConnUsage } from "./commands/conn-usage.ts";
import { registerConnect } from "./commands/connect.ts";
import { registerConnections } from "./commands/connections.ts";
import { registerDagGen } from "./commands/dag-gen.ts";
import { registerDeploy } from "./commands/deploy.ts";
import { registerDev } from "./commands/dev.ts";
import { registerDiff } from "./commands/diff.ts";
import { registerDispatch } from "./commands/dispatch.ts";
import { registerDispatcher } from "./commands/dispatcher.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerDump } from "./commands/dump.ts";
import { registerEmail } from "./commands/email.ts";
import { registerEvents } from "./commands/events.ts";
import { registerHelper } from "./commands/helper.ts";
import { registerHistory } from "./commands/history.ts";
import { registerHook } from "./commands/hook.ts";
import { registerInit } from "./commands/init.ts";
import { registerItem } from "./commands/item.ts";
import { registerJinja } from "./commands/jinja.ts";
import { registerJobActivity } from "./commands/job-activity.ts";
import { registerLambdas } from "./commands/lambdas.ts";
import { registerLogs } from "./commands/logs.ts";
import { registerMigrate } from "./commands/migrate.ts";
import { registerNew } from "./commands/new.ts";
import { registerPlan } from "./commands/plan.ts";
import { registerPs } from "./commands/ps.ts";
import { registerRealm } from "./commands/realm.ts";
import { registerRender } from "./commands/render.ts";
import { registerRerun } from "./commands/rerun.ts";
import { registerRollback } from "./commands/rollback.ts";
import { registerRun } from "./commands/run.ts";
import { registerRuns } from "./commands/runs.ts";
import { registerS3Lambda } from "./commands/s3lambda.ts";
import { registerSchedule } from "./commands/schedule.ts";
import { registerScheduler } from "./commands/scheduler.ts";
import { registerSchema } from "./commands/schema.ts";
import { registerSharepoint } from "./commands/sharepoint.ts";
import { registerSlack } from "./commands/slack.ts";
import { registerSmb } from "./commands/smb.ts";
import { registerSql } from "./commands/sql.ts";
import { registerState } from "./commands/state.ts";
import { registerStop } from "./commands/stop.ts";
import { registerTrigger } from "./commands/trigger.ts";
import { registerUninstall } from "./commands/uninstall.ts";
import { registerUpdate } from "./commands/update.ts";
import { registerVersion } from "./commands/version.ts";
import { registerWorker } from "./commands/worker.ts";
import { VERSION } from "./version.ts";

const groups: readonly (readonly [string, readonly Register[]])[] = [
  [
    "Project:",
    [
      registerNew,
      registerInit,
      registerHook,
      registerUpdate,
      registerMigrate,
      registerCheck,
      registerRender,
      registerBuild,
      registerClean,
      registerPlan,
      registerDeploy,
      registerDiff,
      registerHistory,
      registerRollback,
      registerUninstall,
      registerCi,
      registerItem,
      registerDagGen,
      registerJinja,
      registerHelper,
    ],
  ],
  ["Tables:", [registerRealm, registerSchema, registerChecksum, registerDump]],
  [
    "Connections:",
    [
      registerConnections,
      registerConnect,
      registerConnUsage,
      registerEmail,
      registerSharepoint,
      registerSlack,
      registerSmb,
      registerSql,
    ],
  ],
  [
    "Runs:",
    [
      registerRun,
      registerDispatch,
      registerRerun,
      registerSchedule,
      registerBackfill,
      registerTrigger,
      registerCancel,
      registerRuns,
      registerEvents,
      registerJobActivity,
      registerLogs,
      registerState,
    ],
  ],
  [
    "Processes:",
    [
      registerDev,
      registerWorker,
      registerStop,
      registerDispatcher,
      registerScheduler,
      registerLambdas,
      registerS3Lambda,
      registerPs,
      registerDoctor,
      registerVersion,
    ],
  ],
];

/** The `lava` command with all its subcommands; usage faults are thrown, nothing exits. */
export function createProgram(context: CliContext): Command {
  const program = new Command("lava")
    .description(
      "A distributed scheduler and job runner on AWS that also runs whole on one machine.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .helpCommand(false)
    .showHelpAfterError("(run with --help for the options)")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .addHelpText("after", "\nlava COMMAND --help shows the options and examples of a command.");
  for (const [group, commands] of groups) {
    program.commandsGroup(group);
    for (const register of commands) register(program, context);
  }
  layAwsOptions(program, context);
  return program;
}
