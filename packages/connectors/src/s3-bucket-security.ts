import { errorText, isMap, LavaError } from "@lava/core";
import type { AwsClients } from "@lava/realm";

/** Groups of grantees that are everybody. */
const PUBLIC = /\/groups\/global\/(?:AllUsers|AuthenticatedUsers)$/;

/**
 * Checks that nobody else can read what is written into a bucket: no public access by grants or by policy, default
 * encryption, server logging, and our own account (JOB-redshift_unload-08).
 *
 * @throws {LavaError} INSECURE_BUCKET
 */
export async function checkBucketSecurity(clients: AwsClients, bucket: string): Promise<void> {
  try {
    await check(clients, bucket);
  } catch (error) {
    throw new LavaError("INSECURE_BUCKET", `Bucket ${bucket} is insecure: ${errorText(error)}`, {
      cause: error,
      hint: "Make the bucket private, encrypted, logged and ours, or set `insecure: true`.",
    });
  }
}

async function check(clients: AwsClients, bucket: string): Promise<void> {
  const s3 = await clients.s3();
  const {
    GetBucketAclCommand,
    GetBucketEncryptionCommand,
    GetBucketLoggingCommand,
    GetBucketPolicyStatusCommand,
    ListBucketsCommand,
  } = await import("@aws-sdk/client-s3");
  const Bucket = bucket;
  const { Grants = [] } = await s3.send(new GetBucketAclCommand({ Bucket }));
  if (Grants.some(({ Grantee }) => PUBLIC.test(Grantee?.URI ?? ""))) {
    throw new Error("Insecure due to public access");
  }
  const status = await unless("NoSuchBucketPolicy", () =>
    s3.send(new GetBucketPolicyStatusCommand({ Bucket })),
  );
  if (status?.PolicyStatus?.IsPublic === true) throw new Error("Insecure due to public access");
  const encryption = await unless("ServerSideEncryptionConfigurationNotFoundError", () =>
    s3.send(new GetBucketEncryptionCommand({ Bucket })),
  );
  if ((encryption?.ServerSideEncryptionConfiguration?.Rules ?? []).length === 0) {
    throw new Error("Insecure due to lack of default encryption");
  }
  const { LoggingEnabled } = await s3.send(new GetBucketLoggingCommand({ Bucket }));
  if (LoggingEnabled === undefined) throw new Error("Insecure due to lack of server logging");
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  if (!Buckets.some(({ Name }) => Name === bucket)) {
    throw new Error("Insecure due to foreign owned bucket");
  }
}

/** What `ask` gives; undefined when the answer is the named error. */
async function unless<T>(name: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isMap(error) && error["name"] === name) return undefined;
    throw error;
  }
}
