import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import type { LocalAws } from "../src/index.ts";

const run = promisify(execFile);

/** Whether a command is there and ends well. */
export function has(command: string, ...options: string[]): boolean {
  return spawnSync(command, options, { stdio: "ignore" }).status === 0;
}

/** The environment in which a tool finds this endpoint and no other. */
export function toolEnvironment(aws: LocalAws): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...aws.environment,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  };
}

/** Runs `aws`; the endpoint is named too, since clients before 2.13 and 1.29 ignore the variable. */
export async function awsCli(aws: LocalAws, ...options: string[]): Promise<string> {
  const { stdout } = await run("aws", ["--endpoint-url", aws.endpoint, ...options], {
    env: toolEnvironment(aws),
  });
  return stdout;
}

/** Runs Python code; `client(service)` in it makes a boto3 client of this endpoint. */
export async function python(aws: LocalAws, code: string): Promise<string> {
  const { stdout } = await run("python3", ["-c", `${PRELUDE}\n${code}`], {
    env: toolEnvironment(aws),
  });
  return stdout;
}

const PRELUDE = `
import json, os, boto3
def client(service):
    return boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"])
def resource(service):
    return boto3.resource(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"])
`;
