import { type Data, DecimalValue } from "@lava/core";
import { describe, expect, test } from "vitest";
import { fakeRealm } from "../test/fake-realm.ts";
import { connect } from "./connect.ts";

async function attributesOf(attributes: Data, more: Readonly<Record<string, Data>> = {}) {
  const item = { type: "generic", enabled: true, attributes, ...more };
  const realm = fakeRealm({
    connections: { c: item },
    parameters: { "/lava/test/p": "s3cret" },
  });
  await using client = await connect("c", { realm, type: "generic" });
  return client.attributes;
}

describe("a generic connection (CON-generic-01)", () => {
  test("gives its values, numbers as numbers, parameters decrypted", async () => {
    const attributes = {
      a: "text",
      "b-1": { value: "local" },
      c: { type: "local", value: [new DecimalValue("1")] },
      d: { type: "ssm", parameter: "/lava/test/p" },
      e: new DecimalValue("12"),
      f: new DecimalValue("1.5"),
      g: new DecimalValue("12345678901234567890"),
      h: false,
    };

    expect(await attributesOf(attributes)).toEqual({
      a: "text",
      "b-1": "local",
      c: [new DecimalValue("1")],
      d: "s3cret",
      e: 12,
      f: 1.5,
      g: 12345678901234567890n,
      h: false,
    });
  });

  test("ignores X- fields and refuses other unknown ones (CON-all-17)", async () => {
    expect(await attributesOf({}, { "x-note": 1, "X-a": 2, owner: "me" })).toEqual({});
    await expect(attributesOf({}, { zz: 1, b: 2 })).rejects.toThrow(
      "Connection c: Unexpected keys: b, zz",
    );
  });

  test.each([
    [["a"], "Connection c: attributes field must be a dict"],
    [{ "1a": "x" }, "Connection c: Bad attribute name: 1a"],
    [{ a: { type: "vault" } }, "Connection: c: Unknown attribute type: vault"],
    [{ a: {} }, 'Connection c: value must be specified for attributes of type "local"'],
    [
      { a: { type: "ssm" } },
      'Connection c: parameter must be specified for attributes of type "ssm"',
    ],
    [{ a: [1] }, "Connection: c: Unsupported attribute type <class 'list'> for attribute a"],
    [{ a: { type: "ssm", parameter: "/no" } }, "Connection c: /no: not found"],
  ])("refuses the attributes %o", async (attributes: Data, message) => {
    await expect(attributesOf(attributes)).rejects.toThrow(message);
  });

  test("refuses to open when it is disabled", async () => {
    await expect(attributesOf({}, { enabled: false })).rejects.toThrow("Connection c: Not enabled");
  });
});
