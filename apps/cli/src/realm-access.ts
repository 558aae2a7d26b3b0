import { LavaError, nullLogger } from "@lava/core";
import type { AwsSettings, Realm } from "@lava/realm";
import type { Command } from "commander";
import type { CliContext } from "./command.ts";
import { devFolder, findProject, loadDevRealm } from "./dev/dev-folder.ts";

/** Which realm a command works on. */
export interface RealmOptions {
  readonly realm?: string;
  readonly dev?: boolean;
  readonly profile?: string;
}

/** A realm and where it is, before anything was asked of it. */
export interface RealmTarget {
  readonly realm: string;
  readonly settings: AwsSettings;
  /** Environment of everything that works on the realm: the user's, with the dev realm's laid over it. */
  readonly env: CliContext["env"];
  /** Whether it is the project's dev realm. */
  readonly dev: boolean;
}

/** Adds the options that every command on a realm has. */
export function addRealmOptions(command: Command): Command {
  return command
    .option(
      "-r, --realm <name>",
      "the realm in AWS (default: $LAVA_REALM, else this project's dev realm)",
    )
    .option("--dev", "the dev realm of this project (see lava dev)")
    .option("--profile <name>", "AWS profile");
}

/**
 * The realm that the options name: `--realm` or LAVA_REALM in AWS as the environment says, or the dev realm of the
 * project that the user stands in.
 *
 * @throws {LavaError} NO_REALM, NO_DEV_REALM
 */
export async function findRealm(options: RealmOptions, context: CliContext): Promise<RealmTarget> {
  const { env } = context;
  const named = options.realm ?? (options.dev ? undefined : env["LAVA_REALM"] || undefined);
  if (options.dev && options.realm !== undefined) {
    throw new LavaError("BAD_OPTIONS", "--dev and --realm exclude each other", { kind: "usage" });
  }
  if (named !== undefined) {
    const { awsSettingsFromEnv } = await import("@lava/realm");
    const profile =
      options.profile === undefined ? {} : { profile: options.profile, credentials: undefined };
    const settings = awsSettingsFromEnv(env);
    return {
      realm: named,
      settings: options.profile === undefined ? settings : { ...settings, ...profile },
      env,
      dev: false,
    };
  }
  const project = findProject(context.cwd);
  const dev = project === undefined ? undefined : await loadDevRealm(devFolder(project));
  if (dev === undefined) {
    if (options.dev) {
      throw new LavaError("NO_DEV_REALM", "This project has no dev realm", {
        hint: "Start it with `lava dev up`.",
        kind: "usage",
      });
    }
    throw new LavaError("NO_REALM", "No realm was named", {
      hint: "Give --realm NAME or set LAVA_REALM, or start a dev realm in a project with `lava dev up`.",
      kind: "usage",
    });
  }
  return {
    realm: dev.realm,
    settings: {
      region: dev.region,
      endpoint: dev.endpoint,
      credentials: { accessKeyId: dev.accessKeyId, secretAccessKey: dev.secretAccessKey },
    },
    env: {
      ...env,
      AWS_ENDPOINT_URL: dev.endpoint,
      AWS_REGION: dev.region,
      AWS_DEFAULT_REGION: dev.region,
      AWS_ACCESS_KEY_ID: dev.accessKeyId,
      AWS_SECRET_ACCESS_KEY: dev.secretAccessKey,
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
    },
    dev: true,
  };
}

/** Opens the realm of the options for the time of `use`. */
export async function withRealm<T>(
  options: RealmOptions,
  context: CliContext,
  use: (realm: Realm, target: RealmTarget) => Promise<T>,
): Promise<T> {
  const target = await findRealm(options, context);
  const { createAwsClients, openRealm } = await import("@lava/realm");
  await using clients = createAwsClients(target.settings);
  const realm = await openRealm(target.realm, {
    clients,
    env: target.env,
    clock: context.clock,
    logger: nullLogger,
  });
  return await use(realm, target);
}
