import { readFile, statfs } from "node:fs/promises";
import { dockerRoot } from "./docker-root.ts";

/** How full this host is, in percent; what cannot be known is undefined. */
export interface HostStats {
  /** Of the file system of a directory (WF-205). */
  readonly tmp: number | undefined;
  readonly memory: number | undefined;
  readonly swap: number | undefined;
  /** Of the file system of docker's data, where that is on this host (WF-207). */
  readonly docker: number | undefined;
}

/** Looks at the host; never fails. */
export async function readHostStats(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<HostStats> {
  const [tmp, meminfo, root] = await Promise.all([
    diskUsed(folder),
    readFile("/proc/meminfo", "utf8").catch(() => ""),
    dockerRoot(env["DOCKER_HOST"]),
  ]);
  const kilobytes = (name: string): number | undefined => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(meminfo);
    return match?.[1] === undefined ? undefined : Number(match[1]);
  };
  return {
    tmp,
    memory: percentUsed(kilobytes("MemTotal"), kilobytes("MemAvailable")),
    swap: percentUsed(kilobytes("SwapTotal"), kilobytes("SwapFree")),
    docker: root === undefined ? undefined : await diskUsed(root),
  };
}

/** As `df` counts: what only root may use is not free. */
async function diskUsed(folder: string): Promise<number | undefined> {
  try {
    const { blocks, bfree, bavail } = await statfs(folder);
    const used = blocks - bfree;
    return used + bavail === 0 ? undefined : round((100 * used) / (used + bavail));
  } catch {
    return undefined;
  }
}

function percentUsed(total: number | undefined, free: number | undefined): number | undefined {
  if (total === undefined || free === undefined) return undefined;
  return total === 0 ? 0 : round((100 * (total - free)) / total);
}

const round = (percent: number): number => Math.round(percent * 10) / 10;
