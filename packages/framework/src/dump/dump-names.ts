import { createHash } from "node:crypto";

/**
 * Names of files, without suffix, for the keys of entries (CLI-095). Keys that would share one get eight digits of
 * their own hash behind it, so that none is lost (CLI-101).
 */
export function dumpNames(keys: readonly string[]): ReadonlyMap<string, string> {
  const names = keys.map((key) => [key, safeName(key)] as const);
  const count = new Map<string, number>();
  for (const [, name] of names) count.set(name, (count.get(name) ?? 0) + 1);
  return new Map(
    names.map(([key, name]) => {
      if (name !== "" && count.get(name) === 1) return [key, name];
      const hash = createHash("sha256").update(key).digest("hex").slice(0, 8);
      return [key, name === "" ? hash : `${name}-${hash}`];
    }),
  );
}

function safeName(key: string): string {
  return key
    .normalize("NFKD")
    .replaceAll(/[^\u0000-\u007F]/g, "")
    .replaceAll(/[^\w ./=+-]/g, "")
    .trim()
    .toLowerCase()
    .replaceAll(/[/.]+/g, ".")
    .replaceAll(/[ -]+/g, "-")
    .replaceAll(/^[.-]+|[.-]+$/g, "");
}
