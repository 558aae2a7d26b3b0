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
    "completeAnswers",
    "createJinjaTool",
    "deployPlan",
    "listDeployments",
    "loadAnswers",
    "loadDeployment",
    "loadEnvironment",
    "loginName",
    "needsConfirmation",
    "openProject",
    "planDeployment",
    "planToText",
    "preflight",
    "readPlan",
    "readYaml",
    "rollbackPlan",
    "scaffoldProject",
    "scaffoldQuestions",
    "uninstallPlan",
    "withTimes",
  ]);
});

test("the version that builds carry is the package's", () => {
  expect(FRAMEWORK_VERSION).toBe(manifest.version);
});
