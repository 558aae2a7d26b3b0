import { join } from "node:path";
import { quoteShellWord } from "@lava/core";
import type { Wrapper, WrapperContext, WrapperFile } from "../connector.ts";
import type { AwsSessionKeys } from "./aws-session.ts";

/** Seconds before their end when botocore begins to ask for new keys, and a minute. */
const EARLY_S = 16 * 60;

/**
 * The `aws` command with keys of a connection in a private file (CON-aws-04). Keys that end get a
 * `credential_process`, which long commands and late ones ask for new ones (CON-aws-05).
 */
export function awsWrapper(
  conn_id: string,
  keys: AwsSessionKeys,
  region: string | undefined,
  context: WrapperContext,
): Wrapper {
  const config = join(context.dir, ".aws_config");
  const script = `#!/bin/bash\n\nAWS_CONFIG_FILE=${quoteShellWord(config)} aws --profile lava "$@"\n`;
  const renewal =
    keys.expiration === undefined ? [] : renewalFiles(conn_id, keys, keys.expiration, context);
  const process = renewal.length === 0 ? undefined : `/bin/bash "${join(context.dir, RENEW)}"`;
  return {
    command: "aws",
    files: [
      { name: ".aws_config", content: configFile(keys, region, process), mode: 0o600 },
      { name: "aws", content: script, mode: 0o700 },
      ...renewal,
    ],
  };
}

/** Keys as a `credential_process` prints them: one JSON document. */
export function credentialProcessText(keys: AwsSessionKeys): string {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = keys;
  return `${JSON.stringify({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    ...(sessionToken === undefined ? {} : { SessionToken: sessionToken }),
    ...(expiration === undefined ? {} : { Expiration: expiration.toISOString() }),
  })}\n`;
}

const RENEW = "renew-keys";
const KEYS = ".aws_keys.json";

/** Prints the keys of the file while they are good for long, and new ones after that. */
function renewalFiles(
  conn_id: string,
  keys: AwsSessionKeys,
  expiration: Date,
  { dir, env, realm }: WrapperContext,
): WrapperFile[] {
  const left = (expiration.getTime() - realm.clock.now()) / 1000;
  const until = Math.floor(expiration.getTime() / 1000 - Math.min(EARLY_S, left / 2));
  const { profile } = realm.clients.settings;
  const own = env["AWS_CONFIG_FILE"];
  const words = [
    "exec lava connect --credentials",
    ...(profile === undefined ? [] : [`--profile ${quoteShellWord(profile)}`]),
    `--realm ${quoteShellWord(realm.name)}`,
    quoteShellWord(conn_id),
  ];
  const lines = [
    "#!/bin/bash",
    `if [ "$(date +%s)" -lt ${until} ] || ! command -v lava > /dev/null; then`,
    `  exec cat ${quoteShellWord(join(dir, KEYS))}`,
    "fi",
    // The aws command was given another file; lava's own access is not in that one.
    own === undefined ? "unset AWS_CONFIG_FILE" : `export AWS_CONFIG_FILE=${quoteShellWord(own)}`,
    words.join(" "),
    "",
  ];
  return [
    { name: KEYS, content: credentialProcessText(keys), mode: 0o600 },
    { name: RENEW, content: lines.join("\n"), mode: 0o700 },
  ];
}

function configFile(
  { accessKeyId, secretAccessKey, sessionToken }: AwsSessionKeys,
  region: string | undefined,
  process: string | undefined,
): string {
  const lines = [
    "[profile lava]",
    "s3 =",
    "    signature_version = s3v4",
    ...(region === undefined ? [] : [`region=${region}`]),
    `aws_access_key_id=${accessKeyId}`,
    `aws_secret_access_key=${secretAccessKey}`,
    ...(sessionToken === undefined ? [] : [`aws_session_token=${sessionToken}`]),
    // Goes before the keys above, which are for programs that read the file and know no processes.
    ...(process === undefined ? [] : [`credential_process=${process}`]),
  ];
  return `${lines.join("\n")}\n`;
}
