import type { JobType } from "@lava/spec";
import type { JobHandler } from "../handler.ts";
import { chain } from "./chain.ts";
import { cmd } from "./cmd.ts";
import { dag } from "./dag.ts";
import { dispatch } from "./dispatch.ts";
import { docker } from "./docker.ts";
import { exe } from "./exe.ts";
import { foreach } from "./foreach.ts";
import { lavasched } from "./lavasched.ts";
import { log } from "./log.ts";
import { pkg } from "./pkg.ts";
import { sqli } from "./sqli.ts";

/** The job types that this worker knows, by name; each file of this folder is one of them. */
export const builtinHandlers = {
  chain,
  cmd,
  dag,
  dispatch,
  docker,
  exe,
  foreach,
  lavasched,
  log,
  pkg,
  sqli,
} as const satisfies {
  readonly [T in JobType]?: JobHandler<T>;
};
