import { type SpecExtensions, validateSpec } from "@lava/spec";
import type { SpecOutcome } from "./build-spec.ts";
import type { SpecSource } from "./discover.ts";
import { isDataMap, withoutWholeFloats } from "./python-json.ts";
import type { LoadedModule } from "./typed/load-modules.ts";
import type { Finding } from "./types.ts";

/** A spec of a module, checked, and where it is built. */
export interface ModuleSpec extends SpecOutcome {
  /** `lava-jobs/a.json`, or `lava-jobs/a/1.json` for the second of a list. */
  readonly output: string;
}

/** The specs that a file in TypeScript gave, checked; at least one, which says that there is none. */
export function buildModule(
  spec: SpecSource,
  text: string,
  loaded: LoadedModule,
  validation: "error" | "warn" | "off",
  extensions?: SpecExtensions,
): ModuleSpec[] {
  const locate: SpecOutcome["locate"] = (path) => ({ file: spec.source, ...placeOf(text, path) });
  const { inputs, isList } = loaded;
  const specs = loaded.specs.length === 0 ? [null] : loaded.specs;
  return specs.map((value, index): ModuleSpec => {
    const output = isList ? spec.output.replace(/\.json$/, `/${index}.json`) : spec.output;
    const findings: Finding[] = index === 0 ? [...loaded.findings] : [];
    if (value === null) return { data: null, inputs, findings, locate, output };
    const data = withoutWholeFloats(value);
    if (!isDataMap(data)) {
      const message = `a spec is a map of fields; this is ${Array.isArray(value) ? "a list" : "a single value"}`;
      findings.push({
        severity: "error",
        path: [],
        code: "invalid_type",
        message,
        file: spec.source,
      });
      return { data: null, inputs, findings, locate, output };
    }
    const result =
      validation === "off" ? undefined : validateSpec(spec.kind, data, undefined, extensions);
    if (result?.ok === false) {
      const severity = validation === "warn" ? "warning" : "error";
      for (const issue of result.issues) {
        findings.push({ ...issue, severity, ...locate(issue.path) });
      }
    }
    return { data, inputs, findings, locate, output };
  });
}

/** Where a field stands, when it is written in the file once: what a program makes has no places. */
function placeOf(
  text: string,
  path: readonly (string | number)[],
): Pick<Finding, "line" | "column"> {
  const key = path.findLast((part) => typeof part === "string");
  if (key === undefined) return {};
  const name = key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = [...text.matchAll(new RegExp(`(?<![\\w$.])(["']?)${name}\\1\\s*[:,}]`, "g"))];
  const [only] = found;
  if (only === undefined || found.length > 1) return {};
  const before = text.slice(0, only.index).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
