import { execFile } from "node:child_process";
import { access, constants, mkdir, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorText, formatSize } from "@lava/core";
import type { CliContext } from "../command.ts";
import type { Check } from "./check.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;

/** Checks of this host: what lava runs on, and what jobs may want. */
export async function hostChecks(context: CliContext): Promise<Check[]> {
  const { env } = context;
  return Promise.all([
    Promise.resolve(checkNode(process.versions.node)),
    checkTemp(env["LAVA_TMPDIR"] || "/tmp/lava"),
    checkDisk(tmpdir()),
    checkPython(env),
    checkAwsCli(env),
    checkDocker(env["DOCKER_HOST"]),
  ]);
}

/** Versions that lava supports: 24.11 or later of 24, or 26 and later. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isRight = (major === 24 && minor >= 11) || major >= 26;
  return {
    name: "node",
    status: isRight ? "ok" : "failed",
    text: version,
    hint: "lava needs Node.js 24.11 or later, or 26.",
  };
}

/** The directory of workers must be there or be made, and programs must run from it. */
async function checkTemp(root: string): Promise<Check> {
  const name = "temporary directory";
  try {
    await mkdir(root, { recursive: true });
    const folder = await mkdtemp(join(root, ".doctor-"));
    try {
      const script = join(folder, "run");
      await writeFile(script, "#!/bin/sh\nexit 0\n", { mode: 0o700 });
      await run(script, { timeout: TIMEOUT_MS });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return { name, status: "ok", text: root };
  } catch (error) {
    return {
      name,
      status: "failed",
      text: `${root}: ${errorText(error)}`,
      hint: "Make it writable for the worker's user, and mount it without noexec; or set LAVA_TMPDIR.",
    };
  }
}

/** Less than 100 MB or 5 % is too little for payloads and outputs. */
async function checkDisk(folder: string): Promise<Check> {
  const { bavail, bsize, blocks } = await statfs(folder);
  const free = bavail * bsize;
  const isLow = free < 100e6 || bavail / blocks < 0.05;
  return {
    name: "disk",
    status: isLow ? "warning" : "ok",
    text: `${formatSize(free)} free in ${folder}`,
    hint: "Runs that find it full are given back.",
  };
}

/** Python payloads reach a realm with an endpoint of its own only by a boto3 that reads AWS_ENDPOINT_URL. */
async function checkPython(env: CliContext["env"]): Promise<Check> {
  const name = "python";
  const script = `import sys
try:
    import boto3
    version = boto3.__version__
except ImportError:
    version = "none"
print(sys.version.split()[0], version)`;
  const output = await runText("python3", ["-c", script], env);
  if (output === undefined) {
    return {
      name,
      status: "warning",
      text: "no python3",
      hint: "Python payloads cannot run here.",
    };
  }
  const [python = "", boto3 = ""] = output.trim().split(" ");
  const text = `${python}, boto3 ${boto3}`;
  if (boto3 === "none" || !isOlder(boto3, [1, 28])) return { name, status: "ok", text };
  return oldClient(name, text, "boto3 1.28", env);
}

async function checkAwsCli(env: CliContext["env"]): Promise<Check> {
  const name = "aws command";
  const output = await runText("aws", ["--version"], env);
  if (output === undefined) {
    return {
      name,
      status: "ok",
      text: "not installed",
      hint: "Only payloads that call it need it.",
    };
  }
  const version = /aws-cli\/([\d.]+)/.exec(output)?.[1] ?? "";
  const isOld = version.startsWith("1.") ? isOlder(version, [1, 29]) : isOlder(version, [2, 13]);
  return isOld
    ? oldClient(name, version, "aws 2.13 or 1.29", env)
    : { name, status: "ok", text: version };
}

/** An old client matters where the endpoint is not AWS: it would call AWS instead. */
function oldClient(name: string, text: string, since: string, env: CliContext["env"]): Check {
  const endpoint = env["AWS_ENDPOINT_URL"];
  return {
    name,
    status: endpoint ? "warning" : "ok",
    text: endpoint ? `${text} ignores AWS_ENDPOINT_URL and would call AWS` : text,
    hint: `Payloads that use it need ${since}, or the endpoint as an option.`,
  };
}

async function checkDocker(host: string | undefined): Promise<Check> {
  const name = "docker";
  if (host?.startsWith("unix://") === false && host !== "") {
    return { name, status: "skipped", text: `the daemon is at ${host}` };
  }
  const socketPath = host?.replace(/^unix:\/\//, "") || "/var/run/docker.sock";
  const hint = "Only docker jobs need it; the worker's user has to be in the group docker.";
  try {
    await access(socketPath, constants.R_OK | constants.W_OK);
    const version = await new Promise<string>((resolve, reject) => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const asked = request({ socketPath, path: "/_ping", signal }, (response) => {
        response.resume();
        resolve(String(response.headers["api-version"] ?? "unknown"));
      });
      asked.once("error", reject);
      asked.end();
    });
    return { name, status: "ok", text: `API ${version} at ${socketPath}` };
  } catch (error) {
    return { name, status: "warning", text: errorText(error), hint };
  }
}

async function runText(
  command: string,
  args: readonly string[],
  env: CliContext["env"],
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(command, [...args], {
      env: { ...env },
      timeout: TIMEOUT_MS,
    });
    return stdout === "" ? stderr : stdout;
  } catch {
    return undefined;
  }
}

/** Whether a version is before another one. */
export function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split(".").map(Number);
  for (const [index, wanted] of than.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
