import { type Data, type DataMap, DecimalValue, errorText, isMap, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { StoredConnection } from "@lava/spec";
import { defineConnector } from "./connector.ts";
import { pythonText } from "./python-text.ts";
import { checkKeys } from "./record-keys.ts";

/** The values of a generic connection. */
export interface GenericClient extends AsyncDisposable {
  readonly attributes: DataMap;
}

/** `generic`: named values, those in SSM decrypted (CON-generic-01, 02). */
export const generic = defineConnector({
  type: "generic",
  family: "attributes",
  async open(connection, { realm }): Promise<GenericClient> {
    const attributes = await resolveAttributes(connection, realm);
    return { attributes, async [Symbol.asyncDispose]() {} };
  },
  async cli(connection, { realm }) {
    const values = Object.entries(await resolveAttributes(connection, realm));
    return {
      command: "get-attr-value",
      files: [
        { name: "get-attr-value", content: SCRIPT, mode: 0o700 },
        ...values.map(([name, value]) => ({
          name: `values/${name}`,
          content: pythonText(value),
          mode: 0o600,
        })),
      ],
    };
  },
  async check(connection, { realm }) {
    const names = Object.keys(await resolveAttributes(connection, realm));
    return { server: `${names.length} attributes`, details: { names } };
  },
});

const SCRIPT = `#!/bin/bash
values="$(dirname "\${BASH_SOURCE[0]}")/values"
if [ $# -ne 1 ]
then
    echo "Usage: get-attr-value param_name" >&2
    exit 1
fi
if [ ! -f "$values/$1" ]
then
    echo "$1: No such parameter" >&2
    exit 1
fi
cat "$values/$1"
`;

async function resolveAttributes(connection: StoredConnection, realm: Realm): Promise<DataMap> {
  const id = connection.conn_id;
  if (!connection.enabled) {
    throw new LavaError("CONNECTION_DISABLED", `Connection ${id}: Not enabled`, { retry: "never" });
  }
  checkKeys(
    connection.raw,
    {
      required: ["conn_id", "type", "attributes"],
      optional: ["enabled", "description", "owner", "secret_id"],
    },
    `Connection ${id}: `,
  );
  const specs = connection.raw["attributes"] ?? null;
  if (!isDataMap(specs)) throw bad(`Connection ${id}: attributes field must be a dict`);
  const values: Record<string, Data> = {};
  for (const [name, spec] of Object.entries(specs)) {
    if (!/^[a-zA-Z][\p{L}\p{N}_-]*$/u.test(name)) {
      throw bad(`Connection ${id}: Bad attribute name: ${name}`);
    }
    values[name] = await resolveAttribute(id, name, spec, realm);
  }
  return values;
}

async function resolveAttribute(id: string, name: string, spec: Data, realm: Realm): Promise<Data> {
  if (spec instanceof DecimalValue) return toScalar(spec);
  if (isDataMap(spec)) {
    const type = spec["type"] ?? "local";
    if (type === "local") return member(id, spec, "local", "value");
    if (type !== "ssm") throw bad(`Connection: ${id}: Unknown attribute type: ${pythonText(type)}`);
    const parameter = pythonText(member(id, spec, "ssm", "parameter"));
    try {
      return await realm.secrets.parameter(parameter);
    } catch (error) {
      throw new LavaError("BAD_CONNECTION_RECORD", `Connection ${id}: ${errorText(error)}`, {
        cause: error,
      });
    }
  }
  if (Array.isArray(spec) || spec instanceof Uint8Array) {
    const python = Array.isArray(spec) ? "list" : "bytes";
    throw bad(
      `Connection: ${id}: Unsupported attribute type <class '${python}'> for attribute ${name}`,
    );
  }
  return spec;
}

function member(id: string, spec: DataMap, type: string, key: string): Data {
  const value = spec[key];
  if (value !== undefined) return value;
  throw bad(`Connection ${id}: ${key} must be specified for attributes of type "${type}"`);
}

/** A float if its text has a point, else an int (T-06). */
function toScalar(value: DecimalValue): Data {
  if (/[.eE]/.test(value.text)) return Number(value.text);
  const whole = BigInt(value.text);
  return whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER
    ? Number(whole)
    : whole;
}

function bad(message: string): LavaError {
  return new LavaError("BAD_CONNECTION_RECORD", message, { retry: "never" });
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}
