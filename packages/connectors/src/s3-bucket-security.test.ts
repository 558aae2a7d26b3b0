import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type AwsClients, createAwsClients } from "@lava/realm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { checkBucketSecurity } from "./s3-bucket-security.ts";

// The local S3 has no ACLs: this one answers as S3 does, about one bucket.
const XML = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const grant = (uri: string): string =>
  `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>${uri}</URI></Grantee><Permission>READ</Permission></Grant>`;
const GOOD = {
  acl: `<AccessControlPolicy ${XML}><AccessControlList></AccessControlList></AccessControlPolicy>`,
  policyStatus: `<PolicyStatus ${XML}><IsPublic>FALSE</IsPublic></PolicyStatus>`,
  encryption: `<ServerSideEncryptionConfiguration ${XML}><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
  logging: `<BucketLoggingStatus ${XML}><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>`,
  buckets: `<ListAllMyBucketsResult ${XML}><Buckets><Bucket><Name>ours</Name></Bucket></Buckets></ListAllMyBucketsResult>`,
};
/** What is asked, and the answer, or the code of an error. */
let answers: Readonly<Record<string, string>>;
const server = createServer((request, response) => {
  const url = new URL(request.url ?? "", "http://s3");
  const asked = ["acl", "policyStatus", "encryption", "logging"].find((name) =>
    url.searchParams.has(name),
  );
  const answer = answers[asked ?? "buckets"] ?? "";
  const isError = !answer.startsWith("<");
  response.writeHead(isError ? 404 : 200, { "content-type": "application/xml" });
  response.end(
    isError ? `<Error><Code>${answer}</Code><Message>S3 says ${answer}</Message></Error>` : answer,
  );
});
let clients: AwsClients;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  clients = createAwsClients({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
});
beforeEach(() => {
  answers = GOOD;
});
afterAll(async () => {
  await clients[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test("a bucket that is private, encrypted, logged and ours is secure, with a policy or without (JOB-redshift_unload-08)", async () => {
  await expect(checkBucketSecurity(clients, "ours")).resolves.toBeUndefined();
  answers = { ...GOOD, policyStatus: "NoSuchBucketPolicy" };
  await expect(checkBucketSecurity(clients, "ours")).resolves.toBeUndefined();
});

test.each([
  [
    "public access",
    {
      acl: GOOD.acl.replace(
        "></Acc",
        `>${grant("http://acs.amazonaws.com/groups/global/AllUsers")}</Acc`,
      ),
    },
  ],
  [
    "public access",
    {
      acl: GOOD.acl.replace(
        "></Acc",
        `>${grant("http://acs.amazonaws.com/groups/global/AuthenticatedUsers")}</Acc`,
      ),
    },
  ],
  ["public access", { policyStatus: GOOD.policyStatus.replace("FALSE", "TRUE") }],
  ["lack of default encryption", { encryption: "ServerSideEncryptionConfigurationNotFoundError" }],
  ["lack of server logging", { logging: `<BucketLoggingStatus ${XML}/>` }],
  ["foreign owned bucket", { buckets: GOOD.buckets.replace("ours", "theirs") }],
])("is insecure due to %s, where %o (JOB-redshift_unload-08)", async (fault, answer) => {
  answers = { ...GOOD, ...answer };
  await expect(checkBucketSecurity(clients, "ours")).rejects.toMatchObject({
    code: "INSECURE_BUCKET",
    message: `Bucket ours is insecure: Insecure due to ${fault}`,
  });
});

test("a bucket that is not there, or may not be looked at, is not called insecure", async () => {
  answers = { ...GOOD, acl: "NoSuchBucket" };
  await expect(checkBucketSecurity(clients, "gone")).rejects.toMatchObject({
    code: "NO_SUCH_BUCKET",
    message: "There is no bucket gone",
  });
  answers = { ...GOOD, logging: "AccessDenied" };
  await expect(checkBucketSecurity(clients, "ours")).rejects.toMatchObject({
    code: "BUCKET_NOT_CHECKED",
    message: "Bucket ours cannot be checked: S3 says AccessDenied",
  });
});
