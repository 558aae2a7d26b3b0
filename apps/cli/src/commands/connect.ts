import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { LavaError } from "@lava/core";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";

interface ConnectOptions extends RealmOptions {
  readonly credentials?: boolean;
}

/** `lava connect`. */
export const registerConnect: Register = (program, context) => {
  addRealmOptions(
    program
      .command("connect")
      .description("run the client of a connection (psql, mysql, ...), logged in")
      .argument("<conn-id>", "the connection")
      .argument("[arg...]", "arguments of the client, after --")
      .option("--credentials", "print keys of an aws connection, as a credential_process does")
      .addHelpText(
        "after",
        helpExamples(
          ["lava connect app/warehouse", "a shell of the database"],
          ["lava connect app/warehouse -- -c 'select 1'", "one statement"],
          ["lava connect app/account --credentials", "for credential_process of ~/.aws/config"],
        ),
      ),
  ).action((conn_id: string, args: string[], options: ConnectOptions) =>
    options.credentials === true
      ? printCredentials(conn_id, options, context)
      : connect(conn_id, args, options, context),
  );
};

async function printCredentials(
  conn_id: string,
  options: RealmOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm, { env }) => {
    const lava = await import("@lava/connectors");
    await using session = await lava.connect(conn_id, { realm, env, type: "aws" });
    context.stdout.write(lava.credentialProcessText(await session.credentials()));
  });
}

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
