import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import * as framework from "./index.ts";
import { FRAMEWORK_VERSION } from "./version.ts";

test("the names of the package", () => {
  expect(Object.keys(framework).toSorted()).toEqual([
    "CHECKSUM_FIELD",
    "HASH_ALGORITHMS",
    "alignFiles",
    "buildInMemory",
    "buildProject",
    "checkProject",
    "checksumState",
    "ciJunit",
    "ciMarkdown",
    "ciSarif",
    "completeAnswers",
    "createJinjaTool",
    "dagBatches",
    "dagData",
    "dagOfRows",
    "dagQuery",
    "dataText",
    "deployPlan",
    "dumpNames",
    "formatPython",
    "healthChecks",
    "initProject",
    "installHook",
    "itemSample",
    "listDeployments",
    "loadAnswers",
    "loadDeployment",
    "loadEnvironment",
    "loginName",
    "makeChecksum",
    "needsConfirmation",
    "openProject",
    "planDeployment",
    "planToText",
    "preflight",
    "readDagSource",
    "readPlan",
    "readYaml",
    "realmTables",
    "removeHook",
    "rollbackPlan",
    "runHealthChecks",
    "sampleKinds",
    "scaffoldProject",
    "scaffoldQuestions",
    "toProjectSpec",
    "uninstallPlan",
    "updateProject",
    "withTimes",
    "zipFiles",
  ]);
});

test("the version that builds carry is the package's", () => {
  expect(FRAMEWORK_VERSION).toBe(manifest.version);
});
