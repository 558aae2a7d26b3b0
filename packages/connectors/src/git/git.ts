import { spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorText, LavaError, quoteShellWord } from "@lava/core";
import type { StoredConnection } from "@lava/spec";
import { type ConnectorContext, defineConnector, type Wrapper } from "../connector.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { readSshRecord, type SshRecord } from "../ssh/ssh-record.ts";
import { sshWords } from "../ssh/ssh-wrapper.ts";

/** Git with the connection's key. */
export interface GitClient extends AsyncDisposable {
  /**
   * Runs git; what it printed.
   *
   * @throws {LavaError} GIT_FAILED with what git said
   */
  run(
    args: readonly string[],
    options?: { readonly cwd?: string; readonly signal?: AbortSignal | undefined },
  ): Promise<string>;
}

/** `git`: git repositories by ssh (CON-git-01). */
export const git = defineConnector({
  type: "git",
  family: "git",
  async open(connection, context): Promise<GitClient> {
    return openGit(await readSshRecord(connection, context.realm), context);
  },
  async cli(connection, { realm, dir }) {
    return gitWrapper(await readSshRecord(connection, realm), dir);
  },
  /** A record names no repository: what can be checked is the program and the key. */
  async check(connection: StoredConnection, context) {
    await using client = await openGit(await readSshRecord(connection, context.realm), context);
    return { server: (await client.run(["--version"])).trim() };
  },
});

function gitWrapper(record: SshRecord, dir: string): Wrapper {
  const { words, files } = sshWords(record, dir);
  const content = [
    "#!/bin/bash",
    "export GIT_CONFIG_NOSYSTEM=1",
    `export GIT_SSH_COMMAND=${quoteShellWord(`ssh ${words.join(" ")}`)}`,
    "export GIT_TERMINAL_PROMPT=0",
    'git "$@"',
    "",
  ].join("\n");
  return { command: "git", files: [...files, { name: "git", content, mode: 0o700 }] };
}

async function openGit(record: SshRecord, { tmpdir, env }: ConnectorContext): Promise<GitClient> {
  const dir = await makePrivateFolder(tmpdir, "lava-git-");
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  const { command, files } = gitWrapper(record, dir);
  try {
    for (const { name, content, mode } of files)
      await writeFile(join(dir, name), content, { mode });
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    run: (args, { cwd, signal } = {}) =>
      runGit(join(dir, command), args, { cwd, signal, env, conn_id: record.conn_id }),
    [Symbol.asyncDispose]: remove,
  };
}

interface GitRun {
  readonly cwd: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly env: ConnectorContext["env"];
  readonly conn_id: string;
}

function runGit(
  program: string,
  args: readonly string[],
  { cwd, signal, env, conn_id }: GitRun,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
    });
    let out = "";
    let said = "";
    child.stdout.on("data", (part: Buffer) => (out += part.toString()));
    child.stderr.on("data", (part: Buffer) => (said += part.toString()));
    child.once("error", (error) => {
      reject(signal?.aborted ? error : failed(conn_id, errorText(error), error));
    });
    child.once("close", (status) => {
      if (status === 0) resolve(out);
      else reject(failed(conn_id, said.trim() || `git ended with status ${status}`));
    });
  });
}

function failed(conn_id: string, text: string, cause?: unknown): LavaError {
  return new LavaError("GIT_FAILED", `Connection ${conn_id}: ${text}`, { cause });
}
