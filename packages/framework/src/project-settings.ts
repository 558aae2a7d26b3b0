import { type Issue, LavaError } from "@lava/core";
import { openZone } from "@lava/scheduler";
import * as z from "zod";

const zone = z.string().refine(isZone, "expected the name of a time zone, such as Europe/Berlin");

const schema = z.strictObject({
  /** Environments that are deployed to only from a clean git tree and after a question (FW-251). */
  protected: z.array(z.string()).default([]),
  /** Configuration keys that environments need not share, as patterns of dotted names (FW-271). */
  ignore_config_keys: z.array(z.string()).default([]),
  /** Linters of sources that are switched off: `python`, `script`, `shell`, `yaml` (FW-264). */
  lint: z
    .partialRecord(z.enum(["python", "script", "shell", "sql", "yaml"]), z.boolean())
    .default({}),
  /** Time zones of dispatchers by name; `*` for all others. */
  zones: z.record(z.string(), zone).default({}),
});

/** What a project says of itself in `.config.json` under `lava`, for people and pipelines alike. */
export type ProjectSettings = z.infer<typeof schema>;

/**
 * Reads the settings of a project; absent ones have their defaults.
 *
 * @throws {LavaError} INVALID_CONFIG
 */
export function readSettings(value: unknown): ProjectSettings {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }): Issue => ({
    path: ["lava", ...path.map((key) => (typeof key === "number" ? key : String(key)))],
    code: "invalid_setting",
    message,
    file: ".config.json",
  }));
  throw new LavaError("INVALID_CONFIG", ".config.json cannot be used", {
    issues,
    hint: `Under lava it may have ${Object.keys(schema.shape).join(", ")}.`,
  });
}

function isZone(name: string): boolean {
  try {
    openZone(name);
    return true;
  } catch {
    return false;
  }
}
