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
    "guaranteeProperties",
    "listAllRuns",
    "markPayload",
    "observe",
    "projectDir",
    "readHistory",
    "readMarks",
    "selfSignedCertificate",
    "startDockerRegistry",
    "startDockerd",
    "startMariadb",
    "startPostgres",
    "startProgram",
    "unprivilegedUser",
  ]);
});
