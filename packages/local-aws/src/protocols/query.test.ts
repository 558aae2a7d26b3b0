import { expect, it } from "vitest";
import { parseQueryInput } from "./query.ts";

it("gives lists, structures and maps their form, in the order of their numbers", () => {
  const input = parseQueryInput([
    ["Action", "Publish"],
    ["Names.member.10", "j"],
    ["Names.member.2", "b"],
    ["AttributeName.1", "All"],
    ["Attributes.entry.1.key", "Policy"],
    ["Attributes.entry.1.value", "{}"],
    ["Attribute.1.Name", "Delay"],
    ["Attribute.1.Value", "5"],
    ["Entry.1.Id", "first"],
    ["Entry.1.Tag.1.Key", "k"],
    ["Entry.2.Id", "second"],
    ["EntryOther.1", "no"],
  ]);

  expect(input.get("Action")).toBe("Publish");
  expect(input.list("Names")).toEqual(["b", "j"]);
  expect(input.list("AttributeName")).toEqual(["All"]);
  expect(input.map("Attributes")).toEqual(new Map([["Policy", "{}"]]));
  expect(input.map("Attribute", "Name", "Value")).toEqual(new Map([["Delay", "5"]]));
  const entries = input.structures("Entry");
  expect(entries.map((entry) => entry.get("Id"))).toEqual(["first", "second"]);
  expect(entries[0]?.structures("Tag")[0]?.get("Key")).toBe("k");
});
