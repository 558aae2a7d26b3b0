import type { EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import type { KmsKeys } from "../kms/keys.ts";
import { booleanOf, choiceOf, required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { Parameter, Parameters, ParameterType } from "./parameters.ts";

/** What the operations share. */
export interface SsmResources {
  readonly context: EngineContext;
  readonly parameters: Parameters;
  readonly keys: KmsKeys;
}

const STANDARD_LIMIT = 4096;
const ADVANCED_LIMIT = 8192;

/** PutParameter: makes a parameter, or its next version. */
export function putParameter(
  { context, keys, parameters }: SsmResources,
  input: JsonObject,
  arnOf: (name: string) => string,
  tags: Readonly<Record<string, string>>,
): object {
  const name = required(textOf(input, "Name"), "Name");
  const value = required(textOf(input, "Value"), "Value");
  if ((textOf(input, "Policies") ?? "") !== "") {
    throw notImplemented("ssm", "PutParameter with Policies");
  }
  const old = parameters.find(name);
  const overwrite = booleanOf(input, "Overwrite") ?? false;
  if (old !== undefined && !overwrite) {
    throw new AwsError(
      "ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  }
  if (overwrite && Object.keys(tags).length > 0) {
    throw new AwsError(
      "ValidationException",
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag.",
    );
  }
  const type: ParameterType | undefined =
    choiceOf(input, "Type", ["String", "StringList", "SecureString"]) ?? old?.type;
  if (type === undefined) {
    throw new AwsError(
      "ValidationException",
      "A parameter type is required when you create a parameter.",
    );
  }
  const pattern = textOf(input, "AllowedPattern") ?? old?.allowedPattern;
  checkValue(value, pattern);

  const reference = textOf(input, "KeyId") ?? old?.keyId ?? "alias/aws/ssm";
  const encrypted = type === "SecureString";
  const parameter: Parameter = {
    name,
    version: (old?.version ?? 0) + 1,
    type,
    value: encrypted
      ? keys
          .encrypt(keys.get(reference), Buffer.from(value), { PARAMETER_ARN: arnOf(name) })
          .toString("base64")
      : value,
    description: textOf(input, "Description") ?? old?.description,
    keyId: encrypted ? reference : undefined,
    tier: tierOf(input, value, old),
    dataType: textOf(input, "DataType") ?? "text",
    allowedPattern: pattern,
    modified: context.clock.now(),
  };
  context.store.write(() => {
    parameters.put(parameter);
    parameters.setTags(name, tags);
  });
  return { Version: parameter.version, Tier: parameter.tier };
}

function checkValue(value: string, pattern: string | undefined): void {
  if (value === "") {
    throw new AwsError(
      "ValidationException",
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  if (pattern === undefined) return;
  let expression: RegExp;
  try {
    expression = new RegExp(pattern);
  } catch {
    throw new AwsError(
      "InvalidAllowedPatternException",
      `The request does not meet the regular expression requirement: ${pattern}`,
    );
  }
  if (!expression.test(value)) {
    throw new AwsError(
      "ParameterPatternMismatchException",
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
  }
}

function tierOf(input: JsonObject, value: string, old: Parameter | undefined): Parameter["tier"] {
  const wanted =
    choiceOf(input, "Tier", ["Standard", "Advanced", "Intelligent-Tiering"]) ??
    old?.tier ??
    "Standard";
  const size = Buffer.byteLength(value);
  const limit = wanted === "Standard" ? STANDARD_LIMIT : ADVANCED_LIMIT;
  if (size > limit) {
    throw new AwsError(
      "ValidationException",
      wanted === "Standard"
        ? "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier."
        : "Advanced tier parameters support a maximum parameter value of 8192 characters.",
    );
  }
  if (wanted === "Intelligent-Tiering") return size > STANDARD_LIMIT ? "Advanced" : "Standard";
  return wanted;
}
