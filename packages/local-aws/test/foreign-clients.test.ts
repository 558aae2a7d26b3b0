import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LocalAws, startLocalAws } from "../src/index.ts";

const has = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;
const hasCli = has("aws", "--version");
const hasBoto3 = has("python3", "-c", "import boto3");

let aws: LocalAws;
let folder: string;
beforeAll(async () => {
  aws = await startLocalAws();
  folder = mkdtempSync(join(tmpdir(), "local-aws-clients-"));
});
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Runs a client as a payload would; older ones need the endpoint on the command line. */
async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      AWS_CONFIG_FILE: join(folder, "none"),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, "none"),
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_PAGER: "",
      ...aws.environment,
    },
  });
  return stdout;
}

const cli = (...args: string[]) => run("aws", "--endpoint-url", aws.endpoint, ...args);

it.runIf(hasCli)(
  "serves aws s3",
  async () => {
    writeFileSync(join(folder, "small.txt"), "small");
    const big = Buffer.alloc(9 * 1024 * 1024, "multipart ");
    writeFileSync(join(folder, "big.bin"), big);
    await cli("s3", "mb", "s3://cli");
    await cli("s3", "cp", "small.txt", "s3://cli/in/sm all.txt", "--metadata", "a=1");
    await cli("s3", "cp", "big.bin", "s3://cli/in/big.bin");
    expect(await cli("s3", "ls", "s3://cli/", "--recursive")).toMatch(
      /9437184 in\/big\.bin\n.* 5 in\/sm all\.txt/,
    );
    expect(await cli("s3", "ls", "s3://cli")).toContain("PRE in/");
    await cli("s3", "mv", "s3://cli/in/big.bin", "s3://cli/out/big.bin");
    await cli("s3", "sync", "s3://cli/out", "copy");
    expect(readFileSync(join(folder, "copy", "big.bin")).equals(big)).toBe(true);
    expect(await cli("s3", "cp", "s3://cli/in/sm all.txt", "-")).toBe("small");
    await cli("s3", "rb", "s3://cli", "--force");
    expect(await cli("s3", "ls")).toBe("");
  },
  60_000,
);

it.runIf(hasCli)(
  "serves aws sqs and aws sns",
  async () => {
    const queue = await cli("sqs", "create-queue", "--queue-name", "cli", "--output", "text");
    const url = queue.trim();
    const topic = await cli("sns", "create-topic", "--name", "cli", "--output", "text");
    const arn = "arn:aws:sqs:local:000000000000:cli";
    const target = ["--topic-arn", topic.trim()];
    await cli("sns", "subscribe", ...target, "--protocol", "sqs", "--notification-endpoint", arn);
    await cli("sns", "publish", ...target, "--message", "by topic");
    const received = JSON.parse(await cli("sqs", "receive-message", "--queue-url", url));
    expect(JSON.parse(received.Messages[0].Body).Message).toBe("by topic");
    await expect(cli("sqs", "get-queue-url", "--queue-name", "none")).rejects.toThrow(
      "AWS.SimpleQueueService.NonExistentQueue",
    );
  },
  60_000,
);

it.runIf(hasBoto3)(
  "serves boto3",
  async () => {
    writeFileSync(
      join(folder, "client.py"),
      `
import boto3, io, sys
endpoint = sys.argv[1]
s3 = boto3.client("s3", endpoint_url=endpoint)
s3.create_bucket(Bucket="boto", CreateBucketConfiguration={"LocationConstraint": "local"})
s3.upload_fileobj(io.BytesIO(b"x" * 9_000_000), "boto", "dir/ä b+c", ExtraArgs={"Metadata": {"k": "v"}})
assert s3.head_object(Bucket="boto", Key="dir/ä b+c")["Metadata"] == {"k": "v"}
target = io.BytesIO()
s3.download_fileobj("boto", "dir/ä b+c", target)
assert target.getvalue() == b"x" * 9_000_000
page = s3.list_objects_v2(Bucket="boto", Prefix="dir/")
assert [item["Key"] for item in page["Contents"]] == ["dir/ä b+c"]
try:
    s3.get_object(Bucket="boto", Key="none")
    raise SystemExit("no error")
except s3.exceptions.NoSuchKey:
    pass
s3.delete_objects(Bucket="boto", Delete={"Objects": [{"Key": "dir/ä b+c"}]})

sqs = boto3.resource("sqs", endpoint_url=endpoint)
queue = sqs.create_queue(QueueName="boto", Attributes={"VisibilityTimeout": "10"})
queue.send_message(MessageBody="hi", MessageAttributes={"a": {"DataType": "String", "StringValue": "1"}})
(message,) = queue.receive_messages(MessageAttributeNames=["All"], AttributeNames=["All"], WaitTimeSeconds=1)
assert message.body == "hi" and message.message_attributes["a"]["StringValue"] == "1"
assert message.attributes["ApproximateReceiveCount"] == "1"
message.change_visibility(VisibilityTimeout=20)
message.delete()
try:
    sqs.get_queue_by_name(QueueName="none")
    raise SystemExit("no error")
except sqs.meta.client.exceptions.QueueDoesNotExist:
    pass
print("done")
`,
    );
    expect(await run("python3", "client.py", aws.endpoint)).toBe("done\n");
  },
  60_000,
);
