#!/usr/bin/env node
// Runs a command of this repository from a fresh clone, given only some Node.js >= 18 and npm:
//   1. installs the pnpm that package.json pins (and, where this Node.js does not satisfy `engines`,
//      the Node.js that .node-version pins) from the npm registry into .toolchain/,
//   2. installs the workspace from pnpm-lock.yaml (unless the command is pnpm itself),
//   3. runs the command with both on PATH.
// A step whose inputs have not changed since it last succeeded is skipped, so that everything works
// offline once installed. The command `lava` is the repository's own command line, run from its
// sources in the directory that the user stands in.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
const at = (...parts) => join(root, ...parts);
const read = (...parts) => readFileSync(at(...parts), "utf8");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 18) {
  console.error(`lava needs Node.js 18 or later to start; this is ${process.version}`);
  process.exit(2);
}
const nodeWillDo =
  ((major === 24 && minor >= 11) || major >= 26) && // package.json#engines
  !process.execPath.startsWith(at(".toolchain")); // already the one that step 1 installed: keep it
const { packageManager } = JSON.parse(read("package.json"));
const toolchain = {
  private: true,
  dependencies: {
    pnpm: packageManager.replace(/^pnpm@|\+.*$/g, ""),
    ...(nodeWillDo ? {} : { node: read(".node-version").trim() }),
  },
  allowScripts: { node: true, pnpm: true }, // both only put their own platform's binary in place
};

const env = { ...process.env, DO_NOT_TRACK: "1", TURBO_TELEMETRY_DISABLED: "1" };
// npm exports its configuration to its children, where pnpm would take it for its own.
for (const name of Object.keys(env)) if (/^npm_config_/i.test(name)) delete env[name];
env.PATH = [at(".toolchain/node_modules/.bin"), at("node_modules/.bin"), env.PATH].join(delimiter);

/** Runs an installation step; its output goes to stderr, so that stdout is the command's alone. */
function install(command, ...args) {
  const { error, status } = spawnSync(command, args, { cwd: root, env, stdio: ["ignore", 2, 2] });
  if (error) throw error;
  if (status !== 0) {
    console.error(`${command} ${args.join(" ")}: exit status ${status}`);
    process.exit(status ?? 1);
  }
}

/** Runs `make` unless `dir` says that it was last made from the same `from`. */
function once(dir, from, make) {
  const stamp = at(dir, ".stamp");
  const key = JSON.stringify([process.platform, process.arch, from]);
  const want = createHash("sha256").update(key).digest("hex");
  const done = () => existsSync(stamp) && readFileSync(stamp, "utf8") === want;
  if (done()) return;
  const release = lock(`${at(dir)}.lock`);
  try {
    if (done()) return;
    mkdirSync(at(dir), { recursive: true });
    make();
    writeFileSync(stamp, want);
  } finally {
    release();
  }
}

/** Two commands started together must not install over each other. A lock older than 10 minutes is dead. */
function lock(path) {
  for (;;) {
    try {
      mkdirSync(path);
      return () => rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 600_000) rmSync(path, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
}

once(".toolchain", toolchain, () => {
  writeFileSync(at(".toolchain/package.json"), JSON.stringify(toolchain));
  install(
    "npm",
    "install",
    "--prefix",
    ".toolchain",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  );
});

const [command, ...args] = process.argv.slice(2);
if (command !== "pnpm") {
  once("node_modules", [read("pnpm-lock.yaml"), read("pnpm-workspace.yaml")], () =>
    install("pnpm", "install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"),
  );
}
if (command) {
  const lava = [
    "node",
    [
      "--conditions=@lava/source",
      "--disable-warning=ExperimentalWarning",
      at("apps/cli/src/main.ts"),
    ],
  ];
  const [file, first, cwd] =
    command === "lava" ? [...lava, env.INIT_CWD ?? process.cwd()] : [command, [], root];
  const child = spawn(file, [...first, ...args], { cwd, env, stdio: "inherit" });
  // The child is in our process group and gets the terminal's signals itself; one sent to us alone goes on to it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`${file}: ${error.message}`);
    process.exit(127);
  });
  child.on("exit", (status, signal) => process.exit(status ?? 128 + constants.signals[signal]));
}
