import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ListTagsForResourceCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  type PutParameterCommandInput,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ssmClient } from "../../test/clients.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
let ssm: SSMClient;
beforeAll(async () => {
  aws = await startLocalAws();
  ssm = ssmClient(aws);
});
afterAll(async () => {
  ssm.destroy();
  await aws[Symbol.asyncDispose]();
});

const put = (Name: string, input: Partial<PutParameterCommandInput> = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value: "v", Type: "String", ...input }));
const get = async (Name: string, WithDecryption = false) =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;

it("keeps versions, which can be read by their number", async () => {
  expect(await put("/v/one", { Value: "first" })).toMatchObject({ Version: 1, Tier: "Standard" });
  await expect(put("/v/one")).rejects.toBeInstanceOf(ParameterAlreadyExists);
  await put("/v/one", { Value: "second", Overwrite: true, Type: undefined });

  expect(await get("/v/one")).toMatchObject({
    Name: "/v/one",
    Value: "second",
    Version: 2,
    Type: "String",
    DataType: "text",
    ARN: "arn:aws:ssm:local:000000000000:parameter/v/one",
    LastModifiedDate: expect.any(Date),
  });
  expect(await get("/v/one:1")).toMatchObject({ Value: "first", Selector: ":1" });
  expect(await get("arn:aws:ssm:local:000000000000:parameter/v/one")).toMatchObject({ Version: 2 });
  await expect(get("/v/one:7")).rejects.toMatchObject({ name: "ParameterVersionNotFound" });
});

it("encrypts secure strings, and decrypts them when asked", async () => {
  await put("/s/secret", { Value: "pass word", Type: "SecureString" });
  expect((await get("/s/secret"))?.Value).not.toContain("pass");
  expect((await get("/s/secret", true))?.Value).toBe("pass word");
});

it("answers for several names, and says which are not there", async () => {
  await put("/m/a");
  const found = await ssm.send(new GetParametersCommand({ Names: ["/m/a", "/m/none"] }));
  expect(found.Parameters?.map(({ Name }) => Name)).toEqual(["/m/a"]);
  expect(found.InvalidParameters).toEqual(["/m/none"]);
  await expect(get("/m/none")).rejects.toBeInstanceOf(ParameterNotFound);
});

it("lists a path, with or without what is deeper, in pages", async () => {
  for (const name of ["/p/b", "/p/a", "/p/deep/c", "/pother"]) await put(name);
  const list = async (Recursive: boolean) => {
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ssm.send(
        new GetParametersByPathCommand({ Path: "/p", Recursive, MaxResults: 2, NextToken }),
      );
      names.push(...(page.Parameters ?? []).map(({ Name }) => Name));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    return names;
  };
  expect(await list(false)).toEqual(["/p/a", "/p/b"]);
  expect(await list(true)).toEqual(["/p/a", "/p/b", "/p/deep/c"]);
});

it("describes parameters by filters", async () => {
  await put("/d/x", { Description: "of x", Type: "StringList", Value: "a,b" });
  const { Parameters } = await ssm.send(
    new DescribeParametersCommand({
      ParameterFilters: [
        { Key: "Name", Option: "BeginsWith", Values: ["/d/"] },
        { Key: "Type", Values: ["StringList"] },
      ],
    }),
  );
  expect(Parameters).toMatchObject([{ Name: "/d/x", Description: "of x", Version: 1 }]);
  const unknown = ssm.send(
    new DescribeParametersCommand({ ParameterFilters: [{ Key: "Label", Values: ["x"] }] }),
  );
  await expect(unknown).rejects.toMatchObject({ name: "NotImplemented" });
});

it("deletes one or several", async () => {
  await put("/x/1");
  await put("/x/2");
  await ssm.send(new DeleteParameterCommand({ Name: "/x/1" }));
  await expect(ssm.send(new DeleteParameterCommand({ Name: "/x/1" }))).rejects.toBeInstanceOf(
    ParameterNotFound,
  );
  expect(await ssm.send(new DeleteParametersCommand({ Names: ["/x/1", "/x/2"] }))).toMatchObject({
    DeletedParameters: ["/x/2"],
    InvalidParameters: ["/x/1"],
  });
});

it("keeps tags", async () => {
  await put("/t/1", { Tags: [{ Key: "realm", Value: "dev" }] });
  const resource = { ResourceType: "Parameter" as const, ResourceId: "/t/1" };
  await ssm.send(new AddTagsToResourceCommand({ ...resource, Tags: [{ Key: "a", Value: "b" }] }));
  expect((await ssm.send(new ListTagsForResourceCommand(resource))).TagList).toEqual([
    { Key: "a", Value: "b" },
    { Key: "realm", Value: "dev" },
  ]);
});

it.each<[string, string, Partial<PutParameterCommandInput>, string]>([
  ["a name with a space", "/a b", {}, "ValidationException"],
  ["a path without its first slash", "a/b", {}, "ValidationException"],
  ["a name of AWS's own", "/aws/x", {}, "AccessDeniedException"],
  ["a name of SSM's own", "ssm-x", {}, "ValidationException"],
  ["no type", "/e/1", { Type: undefined }, "ValidationException"],
  ["an unknown type", "/e/1", { Type: "Blob" as "String" }, "ValidationException"],
  ["a value too long", "/e/1", { Value: "x".repeat(4097) }, "ValidationException"],
  [
    "a value that is not allowed",
    "/e/1",
    { AllowedPattern: "^\\d+$" },
    "ParameterPatternMismatchException",
  ],
])("refuses %s", async (_what, name, input, code) => {
  await expect(put(name, input)).rejects.toMatchObject({ name: code });
});
