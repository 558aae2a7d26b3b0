import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateAliasCommand, CreateKeyCommand } from "@aws-sdk/client-kms";
import type { Realm } from "@lava/realm";
import { kmsAliases } from "@lava/spec";
import { emulatedRealm } from "@lava/testing";
import {
  GOLDEN_REALM,
  goldenJobs,
  goldenPayloads,
  goldenState,
} from "../../../packages/worker/test/golden/jobs.ts";
import { createFleet, type Fleet } from "../rig/fleet.ts";
import { openOriginal, type Original } from "./original.ts";

/** A realm with the golden jobs in it, and both kinds of worker at hand. */
export interface MixedRealm extends AsyncDisposable {
  readonly realm: Realm;
  readonly original: Original;
  /** Workers of ours. */
  readonly fleet: Fleet;
  readonly folder: string;
}

/** Makes the realm; nothing runs yet. */
export async function mixedRealm(checkout: string, python: string): Promise<MixedRealm> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "lava-mixed-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const emulated = stack.use(
    await emulatedRealm({
      name: GOLDEN_REALM,
      workers: ["core", "other"],
      jobs: [...goldenJobs],
      payloads: goldenPayloads,
      state: goldenState,
      record: {
        s3_key: kmsAliases(GOLDEN_REALM).user,
        config: { TMPDIR: join(folder, "tmp") },
      },
    }),
  );
  await mkdir(join(folder, "tmp"));
  const kms = await emulated.aws.clients.kms();
  for (const AliasName of Object.values(kmsAliases(GOLDEN_REALM))) {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
  }
  // Threads of the original ask for this profile by name.
  const { AWS_ACCESS_KEY_ID: id = "", AWS_SECRET_ACCESS_KEY: secret = "" } = emulated.environment;
  await writeFile(
    join(folder, "aws-config"),
    `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`,
    { mode: 0o600 },
  );
  const env = {
    ...process.env,
    ...emulated.environment,
    LAVA_TMPDIR: join(folder, "tmp"),
    AWS_CONFIG_FILE: join(folder, "aws-config"),
    TZ: "UTC",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const original = openOriginal(checkout, python, env);
  const fleet = stack.use(
    createFleet({ folder, env, options: { threads: 2, leaseMs: 30_000, skewMs: 5000 } }),
  );
  const owned = stack.move();
  return {
    realm: emulated.realm,
    original,
    fleet,
    folder,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
