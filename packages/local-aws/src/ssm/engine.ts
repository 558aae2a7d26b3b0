import type { Engine, EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { openKmsKeys } from "../kms/keys.ts";
import {
  booleanOf,
  choiceOf,
  integerOf,
  objectsOf,
  required,
  textOf,
  textsOf,
} from "../protocols/input.ts";
import { type JsonObject, jsonProtocol } from "../protocols/json.ts";
import { filterOf, isBelow } from "./filters.ts";
import { checkName, openParameters, type Parameter } from "./parameters.ts";
import { putParameter, type SsmResources } from "./put-parameter.ts";

/** SSM: the parameter store. */
export function createSsmEngine(context: EngineContext): Engine {
  const parameters = openParameters(context);
  const resources: SsmResources = { context, parameters, keys: openKmsKeys(context) };

  const arnOf = (name: string) =>
    `arn:aws:ssm:${context.region}:${context.accountId}:parameter${name.startsWith("/") ? "" : "/"}${name}`;

  function show(parameter: Parameter, input: JsonObject, selector?: string): object {
    const encrypted = parameter.type === "SecureString";
    const value =
      encrypted && booleanOf(input, "WithDecryption") === true
        ? resources.keys
            .decrypt(Buffer.from(parameter.value, "base64"), {
              PARAMETER_ARN: arnOf(parameter.name),
            })
            .plaintext.toString("utf8")
        : parameter.value;
    return {
      Name: parameter.name,
      Type: parameter.type,
      Value: value,
      Version: parameter.version,
      ...(selector === undefined ? {} : { Selector: `:${selector}` }),
      LastModifiedDate: parameter.modified / 1000,
      ARN: arnOf(parameter.name),
      DataType: parameter.dataType,
    };
  }

  /** `name`, `name:version` or an ARN of either. */
  function find(reference: string): { parameter: Parameter; selector?: string } {
    const [bare = "", selector] = nameOf(reference).split(":");
    const latest = parameters.find(bare);
    if (latest === undefined) {
      throw new AwsError("ParameterNotFound", `Parameter ${bare} not found.`);
    }
    if (selector === undefined) return { parameter: latest };
    const version = /^\d+$/.test(selector) ? parameters.find(bare, Number(selector)) : undefined;
    if (version === undefined) {
      throw new AwsError(
        "ParameterVersionNotFound",
        `Systems Manager could not find version ${selector} of ${bare}. Verify the version and try again.`,
      );
    }
    return { parameter: version, selector };
  }

  /** A name may also be given as the ARN of the parameter. */
  function nameOf(reference: string): string {
    const match = /^arn:[^:]*:ssm:[^:]*:[^:]*:parameter(\/.*)$/.exec(reference);
    const path = match?.[1];
    if (path === undefined) return reference;
    const bare = path.slice(1);
    return bare.includes("/") || parameters.find(path) !== undefined ? path : bare;
  }

  function getParameter(input: JsonObject): object {
    const { parameter, selector } = find(required(textOf(input, "Name"), "Name"));
    return { Parameter: show(parameter, input, selector) };
  }

  function getParameters(input: JsonObject): object {
    const names = required(textsOf(input, "Names"), "Names");
    if (names.length < 1 || names.length > 10) {
      throw new AwsError(
        "ValidationException",
        `1 validation error detected: Value '[${names.join(", ")}]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 10`,
      );
    }
    const found: object[] = [];
    const invalid: string[] = [];
    for (const name of new Set(names)) {
      try {
        const { parameter, selector } = find(name);
        found.push(show(parameter, input, selector));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        invalid.push(name);
      }
    }
    return { Parameters: found, InvalidParameters: invalid };
  }

  function getParametersByPath(input: JsonObject): object {
    const path = required(textOf(input, "Path"), "Path");
    if (!path.startsWith("/")) {
      throw new AwsError(
        "ValidationException",
        `The parameter path must start with "/" and contain only the characters a-zA-Z0-9.-_/: ${path}`,
      );
    }
    const recursive = booleanOf(input, "Recursive") ?? false;
    const filter = filterOf(input);
    const { page, next } = pageOf(
      input,
      10,
      (parameter) => isBelow(parameter.name, path, recursive) && filter(parameter),
    );
    return { Parameters: page.map((parameter) => show(parameter, input)), ...next };
  }

  function describeParameters(input: JsonObject): object {
    const { page, next } = pageOf(input, 50, filterOf(input));
    const described = page.map((parameter) => ({
      Name: parameter.name,
      ARN: arnOf(parameter.name),
      Type: parameter.type,
      ...(parameter.keyId === undefined ? {} : { KeyId: parameter.keyId }),
      LastModifiedDate: parameter.modified / 1000,
      LastModifiedUser: `arn:aws:iam::${context.accountId}:root`,
      ...(parameter.description === undefined ? {} : { Description: parameter.description }),
      ...(parameter.allowedPattern === undefined
        ? {}
        : { AllowedPattern: parameter.allowedPattern }),
      Version: parameter.version,
      Tier: parameter.tier,
      Policies: [],
      DataType: parameter.dataType,
    }));
    return { Parameters: described, ...next };
  }

  function pageOf(input: JsonObject, max: number, isWanted: (parameter: Parameter) => boolean) {
    const limit = integerOf(input, "MaxResults") ?? max;
    if (limit < 1 || limit > max) {
      throw new AwsError(
        "ValidationException",
        `1 validation error detected: Value '${limit}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and ${max}`,
      );
    }
    const token = textOf(input, "NextToken");
    const after = token === undefined ? "" : Buffer.from(token, "base64url").toString("utf8");
    const page: Parameter[] = [];
    for (const parameter of parameters.list(after)) {
      if (!isWanted(parameter)) continue;
      const last = page.at(-1);
      if (page.length === limit && last !== undefined) {
        return { page, next: { NextToken: Buffer.from(last.name).toString("base64url") } };
      }
      page.push(parameter);
    }
    return { page, next: {} };
  }

  function deleteParameter(input: JsonObject): undefined {
    const name = nameOf(required(textOf(input, "Name"), "Name"));
    if (!parameters.remove(name)) {
      throw new AwsError("ParameterNotFound", `Parameter ${name} not found.`);
    }
  }

  function deleteParameters(input: JsonObject): object {
    const names = required(textsOf(input, "Names"), "Names");
    const deleted = names.filter((name) => parameters.remove(nameOf(name)));
    return {
      DeletedParameters: deleted,
      InvalidParameters: names.filter((name) => !deleted.includes(name)),
    };
  }

  function tagged(input: JsonObject): Parameter {
    const kind = choiceOf(input, "ResourceType", [
      "Parameter",
      "Document",
      "ManagedInstance",
      "MaintenanceWindow",
      "PatchBaseline",
    ]);
    if (kind !== "Parameter") throw notImplemented("ssm", `tags of ${kind ?? "nothing"}`);
    const parameter = parameters.find(nameOf(required(textOf(input, "ResourceId"), "ResourceId")));
    if (parameter === undefined) {
      throw new AwsError("InvalidResourceId", "The resource ID is not valid.");
    }
    return parameter;
  }

  return {
    services: ["ssm"],
    handle: jsonProtocol({
      version: "1.1",
      operations: {
        AddTagsToResource: (input) => {
          parameters.setTags(tagged(input).name, tagsOf(input));
          return undefined;
        },
        DeleteParameter: deleteParameter,
        DeleteParameters: deleteParameters,
        DescribeParameters: describeParameters,
        GetParameter: getParameter,
        GetParameters: getParameters,
        GetParametersByPath: getParametersByPath,
        ListTagsForResource: (input) => ({
          TagList: Object.entries(parameters.tags(tagged(input).name)).map(([Key, Value]) => ({
            Key,
            Value,
          })),
        }),
        PutParameter: (input) => {
          checkName(required(textOf(input, "Name"), "Name"));
          return putParameter(resources, input, arnOf, tagsOf(input));
        },
      },
    }),
  };
}

function tagsOf(input: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (objectsOf(input, "Tags") ?? []).map((tag) => [
      required(textOf(tag, "Key"), "Key"),
      textOf(tag, "Value") ?? "",
    ]),
  );
}
