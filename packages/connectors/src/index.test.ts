import { expect, test } from "vitest";
import * as connectors from "./index.ts";

test("the package exports these names and no others", () => {
  expect(Object.keys(connectors).sort()).toEqual([
    "applicationName",
    "builtinConnectors",
    "checkBucketSecurity",
    "checkConnection",
    "columnNames",
    "connect",
    "connectCli",
    "connectFiles",
    "connectMail",
    "connectSql",
    "connectWith",
    "connectorOf",
    "credentialProcessText",
    "defineConnector",
    "imageName",
    "isOpenable",
    "listS3Objects",
    "missingS3Object",
    "openS3Object",
    "parseImageReference",
    "postgresTextReader",
    "putS3File",
    "pythonText",
    "s3AccessKeys",
    "s3Region",
    "setS3Encoding",
    "statS3Object",
    "toS3Location",
    "uploadS3File",
  ]);
});

test("each connector is in the record under its own type", () => {
  for (const [name, { type }] of Object.entries(connectors.builtinConnectors)) {
    expect(type).toBe(name);
  }
});
