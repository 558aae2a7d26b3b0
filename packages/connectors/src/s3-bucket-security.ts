import { errorText, isMap, LavaError } from "@lava/core";
import type { AwsClients } from "@lava/realm";

/** Groups of grantees that are everybody. */
const PUBLIC = /\/groups\/global\/(?:AllUsers|AuthenticatedUsers)$/;

/**
 * Checks that nobody else can read what is written into a bucket: no public access by grants or by policy, default
 * encryption, server logging, and our own account (JOB-redshift_unload-08).
 *
 * @throws {LavaError} INSECURE_BUCKET, NO_SUCH_BUCKET, BUCKET_NOT_CHECKED
 */
export async function checkBucketSecurity(clients: AwsClients, bucket: string): Promise<void> {
  const fault = await findFault(clients, bucket).catch((error: unknown) => {
    if (isMap(error) && error["name"] === "NoSuchBucket") {
      throw new LavaError("NO_SUCH_BUCKET", `There is no bucket ${bucket}`, {
        cause: error,
        hint: "Check the name of the bucket, and the account and region of the realm.",
        retry: "never",
      });
    }
    throw new LavaError(
      "BUCKET_NOT_CHECKED",
      `Bucket ${bucket} cannot be checked: ${errorText(error)}`,
      {
        cause: error,
        hint: "The worker may have to be allowed to read the bucket's ACL, policy, encryption and logging; `insecure: true` leaves the check out.",
      },
    );
  });
  if (fault === undefined) return;
  throw new LavaError("INSECURE_BUCKET", `Bucket ${bucket} is insecure: Insecure due to ${fault}`, {
    hint: "Make the bucket private, encrypted, logged and ours, or set `insecure: true`.",
  });
}

/** Why others could read what is in a bucket; undefined when they cannot. */
async function findFault(clients: AwsClients, bucket: string): Promise<string | undefined> {
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
    return "public access";
  }
  const status = await unless("NoSuchBucketPolicy", () =>
    s3.send(new GetBucketPolicyStatusCommand({ Bucket })),
  );
  if (status?.PolicyStatus?.IsPublic === true) return "public access";
  const encryption = await unless("ServerSideEncryptionConfigurationNotFoundError", () =>
    s3.send(new GetBucketEncryptionCommand({ Bucket })),
  );
  if ((encryption?.ServerSideEncryptionConfiguration?.Rules ?? []).length === 0) {
    return "lack of default encryption";
  }
  const { LoggingEnabled } = await s3.send(new GetBucketLoggingCommand({ Bucket }));
  if (LoggingEnabled === undefined) return "lack of server logging";
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  return Buckets.some(({ Name }) => Name === bucket) ? undefined : "foreign owned bucket";
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
