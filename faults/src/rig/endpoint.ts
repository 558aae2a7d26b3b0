import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMap, parseJson } from "@lava/core";
import { killAtExit } from "./kill-at-exit.ts";

/** An AWS endpoint in a process of its own, which can be killed and comes back as it was. */
export interface EndpointProcess extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Variables of clients, AWS_ENDPOINT_URL aside. */
  readonly environment: Readonly<Record<string, string>>;
  /** SIGKILL, then the same port and data after `pauseMs`. */
  restart(pauseMs: number): Promise<void>;
}

const MAIN = fileURLToPath(new URL("../../../packages/local-aws/src/main.ts", import.meta.url));

/** Starts an endpoint whose data are in `folder`. */
export async function startEndpoint(folder: string): Promise<EndpointProcess> {
  let running = await start(folder, 0);
  const { port, region } = running;
  const keys = parseJson(await readFile(join(folder, "credentials.json"), "utf8"));
  const key = (name: string): string => (isMap(keys) ? String(keys[name]) : "");
  const kill = async (): Promise<void> => {
    const { child } = running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    environment: {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: key("accessKeyId"),
      AWS_SECRET_ACCESS_KEY: key("secretAccessKey"),
    },
    async restart(pauseMs) {
      await kill();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      running = await start(folder, port);
    },
    [Symbol.asyncDispose]: kill,
  };
}

async function start(
  folder: string,
  port: number,
): Promise<{ child: ChildProcess; port: number; region: string }> {
  const child = spawn(
    process.execPath,
    ["--conditions=@lava/source", ...QUIET, MAIN, "--data", folder, "--port", String(port)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  killAtExit(child);
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (data: Buffer) => {
      text += data.toString();
      if (text.includes("\n")) resolve(text);
    });
    child.once("exit", (status) => {
      reject(new Error(`the endpoint ended with ${status}`));
    });
  });
  const said = parseJson(line);
  if (!isMap(said)) throw new TypeError(`the endpoint said ${line}`);
  return { child, port: Number(String(said["port"])), region: String(said["region"]) };
}

/** Flags that keep Node.js quiet about what it calls experimental. */
export const QUIET = ["--disable-warning=ExperimentalWarning"] as const;
