import type { Command } from "commander";
import type { CliContext } from "./command.ts";

/** What a command is told of AWS beside the environment. */
interface AwsOptions {
  readonly profile?: string;
  readonly region?: string;
}

/**
 * Gives every command that has `--profile` the option `--region` too, and lays both over the environment before the
 * command runs, so that nothing which a command starts or asks can miss them (CLI-008). The keys of the environment
 * are not those of a profile that is named.
 */
export function layAwsOptions(program: Command, context: CliContext): void {
  for (const command of withProfile(program)) command.option("--region <name>", "AWS region");
  program.hook("preAction", (_program, command) => {
    const { profile, region } = command.optsWithGlobals<AwsOptions>();
    context.env = {
      ...context.env,
      ...(profile === undefined
        ? {}
        : {
            AWS_PROFILE: profile,
            AWS_ACCESS_KEY_ID: undefined,
            AWS_SECRET_ACCESS_KEY: undefined,
            AWS_SESSION_TOKEN: undefined,
          }),
      ...(region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    };
  });
}

function withProfile(command: Command): Command[] {
  const has = command.options.some(({ long }) => long === "--profile");
  return [...(has ? [command] : []), ...command.commands.flatMap(withProfile)];
}
