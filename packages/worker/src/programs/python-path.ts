import type { JobContext } from "../handler.ts";

/**
 * PYTHONPATH of exe and pkg jobs: what the worker has, then where the realm's configuration says that payloads
 * find the Python lava package (WK-124).
 */
export function pythonPath({ config, env }: JobContext): { PYTHONPATH?: string } {
  const { PYTHON_PATH } = config;
  return PYTHON_PATH === undefined
    ? {}
    : { PYTHONPATH: `${env["PYTHONPATH"] ?? ""}:${PYTHON_PATH}` };
}
