import type { Finding } from "../build/types.ts";
import { connectionReferences } from "./connection-references.ts";
import { dagGraphs } from "./dag-graphs.ts";
import { duplicateIds } from "./duplicate-ids.ts";
import { insecureUnloads } from "./insecure-unloads.ts";
import { itemSizes } from "./item-sizes.ts";
import { jobReferences } from "./job-references.ts";
import { jobTemplates } from "./job-templates.ts";
import { metadata } from "./metadata.ts";
import { payloadFiles } from "./payload-files.ts";
import { ruleNames } from "./rule-names.ts";
import type { ProjectRule, RuleContext } from "./rule.ts";
import { schedules } from "./schedules.ts";
import { triggerOverlaps } from "./trigger-overlaps.ts";
import { unusedPayloads } from "./unused-payloads.ts";
import { workerNames } from "./worker-names.ts";

/** All checks over a whole project, by the names of their files. */
export const projectRules: Readonly<Record<string, ProjectRule>> = {
  "connection-references": connectionReferences,
  "dag-graphs": dagGraphs,
  "duplicate-ids": duplicateIds,
  "insecure-unloads": insecureUnloads,
  "item-sizes": itemSizes,
  "job-references": jobReferences,
  "job-templates": jobTemplates,
  metadata,
  "payload-files": payloadFiles,
  "rule-names": ruleNames,
  schedules,
  "trigger-overlaps": triggerOverlaps,
  "unused-payloads": unusedPayloads,
  "worker-names": workerNames,
};

/** Runs every check, or those that a build wants. */
export function runRules(context: RuleContext, isThorough = false): Finding[] {
  return Object.values(projectRules)
    .filter((rule) => isThorough || rule.isThorough !== true)
    .flatMap((rule) => rule.check(context));
}
