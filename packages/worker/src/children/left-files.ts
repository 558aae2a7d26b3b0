import { readdir } from "node:fs/promises";

/** What lava itself puts into the folder of a run: outputs, private TMPDIRs, unpacked packages, connections, payloads. */
const OWN = [
  /^tmp[a-z0-9_]{8}\.(?:stdout|stderr|logs)$/,
  /^\.lava\.[a-z0-9_]{8}\.tmp$/,
  /^\d+\.[a-z0-9_]{8}\.pkg$/,
  /^conn\.[0-9a-f]{8}$/,
  /^pld-\d+-[0-9a-f]{8}\.d$/,
];

/**
 * Whether children have left files in the folder that they share, beside what lava put there itself: others may rely on
 * them, and a run that is given back begins in a new folder.
 */
export async function hasLeftFiles(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => !OWN.some((pattern) => pattern.test(name)));
}
