import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import * as framework from "./index.ts";
import { FRAMEWORK_VERSION } from "./version.ts";

test("the names of the package", () => {
  expect(Object.keys(framework).toSorted()).toEqual([
    "buildInMemory",
    "buildProject",
    "checkProject",
    "ciJunit",
    "ciMarkdown",
    "ciSarif",
    "cleanProject",
    "completeAnswers",
    "createJinjaTool",
    "defineConnection",
    "defineJob",
    "defineRule",
    "defineTrigger",
    "deployPlan",
    "listDeployments",
    "loadAnswers",
    "loadDeployment",
    "loadEnvironment",
    "loginName",
    "migrateProject",
    "openProject",
    "planDeployment",
    "planToText",
    "readPlan",
    "readYaml",
    "rollbackPlan",
    "runHooks",
    "scaffoldProject",
    "scaffoldQuestions",
    "uninstallPlan",
    "withPlugins",
    "withTimes",
  ]);
});

test("the version that builds carry is the package's", () => {
  expect(FRAMEWORK_VERSION).toBe(manifest.version);
});
