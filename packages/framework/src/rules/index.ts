import type { Finding } from "../build/types.ts";
import { connectionReferences } from "./connection-references.ts";
import { dagGraphs } from "./dag-graphs.ts";
import { duplicateIds } from "./duplicate-ids.ts";
import { jobReferences } from "./job-references.ts";
import { payloadFiles } from "./payload-files.ts";
import { ruleNames } from "./rule-names.ts";
import type { ProjectRule, RuleContext } from "./rule.ts";
import { workerNames } from "./worker-names.ts";

/** All checks over a whole project, by the names of their files. */
export const projectRules: Readonly<Record<string, ProjectRule>> = {
  "connection-references": connectionReferences,
  "dag-graphs": dagGraphs,
  "duplicate-ids": duplicateIds,
  "job-references": jobReferences,
  "payload-files": payloadFiles,
  "rule-names": ruleNames,
  "worker-names": workerNames,
};

/** Runs every check. */
export function runRules(context: RuleContext): Finding[] {
  return Object.values(projectRules).flatMap((rule) => rule.check(context));
}
