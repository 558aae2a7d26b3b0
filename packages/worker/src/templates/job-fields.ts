import { type Data, type DataMap, isMap, isTruthy } from "@lava/core";
import {
  actionTemplates,
  type ActionType,
  hasJinjaSwitch,
  isJobType,
  jobTemplates,
  type JobType,
  type TemplateField,
} from "@lava/spec";

/** A field of one job or action, with what stands in it. */
export interface FieldValue {
  readonly field: TemplateField;
  readonly path: readonly (string | number)[];
  readonly value: Data;
}

/** Old names of fields, used where the new one is not there. */
const OLD_NAMES: Readonly<Partial<Record<JobType, Readonly<Record<string, string>>>>> = {
  pkg: { "parameters.command": "parameters.main" },
  redshift_unload: { "parameters.prefix": "parameters.key" },
};

/**
 * The fields of a job that are rendered, in the order of rendering: those of the table that are there.
 *
 * @param parameters As the handler gets them.
 */
export function jobFields(type: string, payload: Data, parameters: DataMap): FieldValue[] {
  if (!isJobType(type)) return [];
  if (hasJinjaSwitch(type) && parameters["jinja"] === false) return [];
  return jobTemplates[type].flatMap((field): FieldValue[] => {
    const spec: DataMap = { payload, parameters };
    const old = OLD_NAMES[type]?.[field.field];
    for (const name of old === undefined ? [field.field] : [field.field, old]) {
      const path = name.split(".");
      const value = valueAt(spec, path);
      if (value !== undefined && !isEmpty(value)) {
        return usedValue(type, { field, path, value }, parameters);
      }
    }
    return [];
  });
}

/** A default that holds nothing. */
function isEmpty(value: Data): boolean {
  return typeof value === "object" && !isTruthy(value);
}

/** What of a field's value is rendered at all. */
function usedValue(type: JobType, found: FieldValue, parameters: DataMap): FieldValue[] {
  const isArgs = found.field.field === "parameters.args";
  if (type === "docker" && isArgs && parameters["command"] === undefined) return [];
  if (type !== "redshift_unload" || !isArgs || !Array.isArray(found.value)) return [found];
  return found.value.flatMap((value: Data, index) =>
    typeof value === "string" && /^\s*PARTITION\b/i.test(value)
      ? [{ ...found, path: [...found.path, index], value }]
      : [],
  );
}

/** The fields of an action that are rendered, likewise; `otherwise` stands in for what is not there. */
export function actionFields(type: ActionType, fields: DataMap): FieldValue[] {
  return actionTemplates[type].flatMap((field: TemplateField) => {
    const path = field.field.split(".");
    const value = valueAt(fields, path) ?? field.otherwise;
    return value === undefined ? [] : [{ field, path, value }];
  });
}

function valueAt(data: Data, path: readonly string[]): Data | undefined {
  let value: Data | undefined = data;
  for (const key of path) {
    if (!isDataMap(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function isDataMap(value: Data | undefined): value is DataMap {
  return isMap(value);
}
