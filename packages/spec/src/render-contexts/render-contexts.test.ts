import { describe, expect, expectTypeOf, test } from "vitest";
import { actionTypes } from "../action/index.ts";
import { jobTypes } from "../job/index.ts";
import { type ActionTemplateField, actionTemplates } from "./action-templates.ts";
import { hasJinjaSwitch, type JobTemplateField, jobTemplates } from "./job-templates.ts";
import { extraNames, type ExtraNames, type TemplateNames } from "./names.ts";

describe("the table of render contexts", () => {
  test("has every job type and every action, and no other", () => {
    expect(Object.keys(jobTemplates).sort()).toEqual(Object.keys(jobTypes).sort());
    expect(Object.keys(actionTemplates).sort()).toEqual(Object.keys(actionTypes).sort());
  });

  test("has only fields that the schemas have", () => {
    expectTypeOf<{ field: "parameters.args"; method: "text" }>().toExtend<
      JobTemplateField<"cmd">
    >();
    expectTypeOf<{ field: "parameters.foreach.filename"; method: "text" }>().toExtend<
      JobTemplateField<"foreach">
    >();
    expectTypeOf<{ field: "parameters.argz"; method: "text" }>().not.toExtend<
      JobTemplateField<"cmd">
    >();
    expectTypeOf<{ field: "parameters.foreach.nope"; method: "text" }>().not.toExtend<
      JobTemplateField<"foreach">
    >();
    expectTypeOf<{ field: "subject"; method: "text" }>().toExtend<ActionTemplateField<"email">>();
    expectTypeOf<{ field: "subject"; method: "text" }>().not.toExtend<ActionTemplateField<"log">>();
  });

  test("has only names that are described", () => {
    const used = [...Object.values(jobTemplates), ...Object.values(actionTemplates)].flatMap(
      (fields) => fields.flatMap(({ names = [] }) => [...names]),
    );

    expect([...new Set(used)].sort()).toEqual(Object.keys(extraNames).sort());
    expectTypeOf<{ nope: 1 }>().not.toExtend<ExtraNames>();
    expectTypeOf<Omit<TemplateNames, "state">>().not.toExtend<TemplateNames>();
  });

  test("names in their summaries the fields that the schemas call rendered", () => {
    for (const [type, { parameters }] of Object.entries(jobTypes)) {
      if (!("shape" in parameters)) continue;
      const described = Object.entries<{ description?: string | undefined }>(parameters.shape)
        .filter(([, { description = "" }]) =>
          /; rendered\b|is rendered on its own|values are rendered/.test(description),
        )
        .map(([name]) => `parameters.${name}`);
      const listed: string[] = Object.entries(jobTemplates)
        .filter(([name]) => name === type)
        .flatMap(([, fields]) => fields.map(({ field }) => field));
      expect(listed, type).toEqual(expect.arrayContaining(described));
    }
  });

  test("knows which types have a switch", () => {
    expect(hasJinjaSwitch("cmd")).toBe(true);
    expect(hasJinjaSwitch("redshift_unload")).toBe(false);
    expect(hasJinjaSwitch("log")).toBe(false);
  });
});
