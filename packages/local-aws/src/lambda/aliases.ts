import { randomUUID } from "node:crypto";
import type { EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { AliasRecord, FunctionStore } from "./function-store.ts";

/** Aliases of versions. */
export interface Aliases {
  create(name: string, input: JsonObject): object;
  get(name: string, alias: string): object;
  list(name: string): object;
  update(name: string, alias: string, input: JsonObject): object;
  delete(name: string, alias: string): void;
}

/** Makes the operations on aliases. */
export function createAliases(
  { store }: Pick<EngineContext, "store">,
  functions: FunctionStore,
): Aliases {
  const render = (name: string, alias: AliasRecord): object => ({
    AliasArn: functions.arn(name, alias.name),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    RevisionId: alias.revision,
  });
  const aliasesOf = (name: string): readonly AliasRecord[] => {
    functions.get(name);
    return functions.extras(name).aliases;
  };

  function find(name: string, alias: string): AliasRecord {
    const found = aliasesOf(name).find((one) => one.name === alias);
    if (found !== undefined) return found;
    throw new AwsError(
      "ResourceNotFoundException",
      `Cannot find alias arn: ${functions.arn(name, alias)}`,
      { status: 404 },
    );
  }

  function put(
    name: string,
    input: JsonObject,
    known: Pick<AliasRecord, "name" | "description"> & Partial<AliasRecord>,
  ): object {
    if (input["RoutingConfig"] !== undefined) throw notImplemented("lambda", "RoutingConfig");
    const version = textOf(input, "FunctionVersion") ?? required(known.version, "functionVersion");
    if (functions.find(name, version) === undefined) {
      throw new AwsError(
        "ResourceNotFoundException",
        `Function not found: ${functions.arn(name, version)}`,
        { status: 404 },
      );
    }
    const alias = {
      name: known.name,
      version,
      description: textOf(input, "Description") ?? known.description,
      revision: randomUUID(),
    };
    const others = functions.extras(name).aliases.filter((one) => one.name !== alias.name);
    store.write(() => functions.setExtras(name, { aliases: [...others, alias] }));
    return render(name, alias);
  }

  return {
    create(name, input) {
      const alias = required(textOf(input, "Name"), "Name");
      if (aliasesOf(name).some((one) => one.name === alias)) {
        throw new AwsError(
          "ResourceConflictException",
          `Alias already exists: ${functions.arn(name, alias)}`,
          { status: 409 },
        );
      }
      return put(name, input, { name: alias, description: "" });
    },
    get: (name, alias) => render(name, find(name, alias)),
    list: (name) => ({ Aliases: aliasesOf(name).map((alias) => render(name, alias)) }),
    update: (name, alias, input) => put(name, input, find(name, alias)),
    delete(name, alias) {
      const aliases = aliasesOf(name).filter((one) => one.name !== alias);
      store.write(() => functions.setExtras(name, { aliases }));
    },
  };
}
