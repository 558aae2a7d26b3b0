import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { LavaError } from "@lava/core";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";

/** `lava connect`. */
export const registerConnect: Register = (program, context) => {
  addRealmOptions(
    program
      .command("connect")
      .description("run the client of a connection (psql, mysql, ...), logged in")
      .argument("<conn-id>", "the connection")
      .argument("[arg...]", "arguments of the client, after --")
      .addHelpText(
        "after",
        helpExamples(
          ["lava connect app/warehouse", "a shell of the database"],
          ["lava connect app/warehouse -- -c 'select 1'", "one statement"],
        ),
      ),
  ).action((conn_id: string, args: string[], options: RealmOptions) =>
    connect(conn_id, args, options, context),
  );
};

async function connect(
  conn_id: string,
  args: readonly string[],
  options: RealmOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm, { env }) => {
    const { connectCli } = await import("@lava/connectors");
    const workdir = await mkdtemp(join(tmpdir(), "lava-connect-"));
    try {
      const command = await connectCli(conn_id, { realm, workdir, env });
      context.exitStatus = await run(command, args, { ...env, LAVA_REALM: realm.name });
    } finally {
      await rm(workdir, { recursive: true, force: true });
    }
  });
}

/** Runs the client on this terminal; its status, as a shell has it. */
function run(command: string, args: readonly string[], env: CliContext["env"]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(command, args, { env, stdio: "inherit" });
  child.on("error", (cause) => {
    reject(new LavaError("WRAPPER_FAILED", `Cannot run ${command}: ${cause.message}`, { cause }));
  });
  child.on("exit", (status, signal) => {
    resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
  return promise;
}
