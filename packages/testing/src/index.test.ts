import { expect, test } from "vitest";
import * as testing from "./index.ts";

test("the public API grows on purpose", () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    "checkHistory",
    "emulatedAws",
    "emulatedRealm",
    "fakeClock",
    "findServerProgram",
    "formatViolation",
    "freePort",
    "generalize",
    "guaranteeProperties",
    "listAllRuns",
    "markPayload",
    "namedServer",
    "observe",
    "packPackages",
    "pluginRealm",
    "projectDir",
    "readHistory",
    "readMarks",
    "sampleRun",
    "selfSignedCertificate",
    "startDockerRegistry",
    "startDockerd",
    "startMariadb",
    "startMssqlDouble",
    "startPostgres",
    "startProgram",
    "startSamba",
    "startSharePointDouble",
    "startSmtp",
    "startSshd",
    "unprivilegedUser",
  ]);
});
