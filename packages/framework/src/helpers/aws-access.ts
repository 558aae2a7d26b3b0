import { errorText, LavaError } from "@lava/core";
import type { ProjectHost } from "../project.ts";
import { NotLookedUp, runWithLookUps } from "./look-up.ts";

/** What `lava.aws` tells of (FW-070). */
export interface AwsIdentity {
  readonly account: string;
  /** ARN of the caller. */
  readonly arn: string;
  readonly region: string;
}

/** Where `lava.aws` looks. */
export interface AwsLookup {
  /** Tells one account, region and caller from others, without a look-up. */
  readonly key: string;
  identity(): Promise<AwsIdentity>;
}

/** The caller of AWS for templates, which cannot wait: it is looked up when one asks, then the work is done anew. */
export interface AwsAccess {
  /** @throws what {@link AwsAccess.run} catches, while it is not known; {@link LavaError} when it cannot be known */
  identity(): AwsIdentity;
  /** Does work that may ask for the identity. */
  run<T>(work: () => T | Promise<T>): Promise<T>;
}

/** Access by a look-up that is made when it is needed, and once. */
export function createAwsAccess(lookup: AwsLookup): AwsAccess {
  let known: AwsIdentity | undefined;
  let fault: LavaError | undefined;
  return {
    identity() {
      if (known !== undefined) return known;
      throw fault ?? new NotLookedUp(lookUp);
    },
    run: runWithLookUps,
  };
  async function lookUp(): Promise<void> {
    try {
      known = await lookup.identity();
    } catch (cause) {
      const text = `AWS cannot be asked for the account: ${errorText(cause)}`;
      fault = new LavaError("TEMPLATE_HELPER", text, {
        cause,
        hint: "Set AWS_REGION and credentials.",
      });
    }
  }
}

/** AWS as the environment says. */
export function awsOfEnvironment(environ: ProjectHost["environ"]): AwsLookup {
  const names = Object.keys(environ).filter((name) => name.startsWith("AWS_"));
  return {
    key: JSON.stringify(names.sort().map((name) => [name, environ[name]])),
    async identity() {
      const { awsSettingsFromEnv, callerIdentity, createAwsClients } = await import("@lava/realm");
      await using clients = createAwsClients(awsSettingsFromEnv(environ));
      return await callerIdentity(clients);
    },
  };
}
