import { pythonText, type SqlColumn, type SqlValue } from "@lava/connectors";
import { DecimalValue, FloatValue, isMap, LavaError } from "@lava/core";
import type * as Parquet from "hyparquet-writer";
import type { ResultWriter } from "./result-writer.ts";

type SchemaElement = ConstructorParameters<typeof Parquet.ParquetWriter>[0]["schema"][number];

/** How the values of a column are stored; undefined for a value that does not fit. */
interface ColumnKind {
  readonly element: Omit<SchemaElement, "name" | "repetition_type">;
  read(value: Exclude<SqlValue, null>): unknown;
}

/** A writer of parquet: each batch is a row group, the first one tells the types (CLI-162). @throws {LavaError} DRIVER_MISSING */
export async function parquetResults(): Promise<ResultWriter> {
  const { ByteWriter, ParquetWriter } = await load();
  let columns: readonly SqlColumn[] = [];
  let kinds: readonly ColumnKind[] = [];
  let file:
    | { readonly bytes: Parquet.ByteWriter; readonly writer: Parquet.ParquetWriter }
    | undefined;

  function open(batch: readonly (readonly SqlValue[])[]): NonNullable<typeof file> {
    kinds = columns.map((column, index) =>
      kindOf(
        column,
        batch.map((row) => row[index] ?? null),
      ),
    );
    const root: SchemaElement = { name: "root", num_children: columns.length };
    const fields = columns.map(({ name }, index): SchemaElement => ({
      ...kinds[index]?.element,
      name,
      repetition_type: "OPTIONAL",
    }));
    const bytes = new ByteWriter();
    return { bytes, writer: new ParquetWriter({ writer: bytes, schema: [root, ...fields] }) };
  }
  /** What was written since the last time. */
  function take(bytes: Parquet.ByteWriter): Uint8Array {
    const taken = bytes.getBytes().slice();
    bytes.index = 0;
    return taken;
  }
  return {
    severalResults: false,
    begin(given) {
      columns = given;
      return "";
    },
    rows(batch) {
      if (batch.length === 0) return "";
      file ??= open(batch);
      const columnData = columns.map(({ name }, index) => ({
        name,
        data: batch.map((row) => valueOf(row[index] ?? null, name, kinds[index])),
      }));
      void file.writer.write({ columnData, rowGroupSize: batch.length });
      return take(file.bytes);
    },
    end() {
      // A result without rows still has its columns (CLI-165).
      file ??= open([]);
      void file.writer.finish();
      return take(file.bytes);
    },
  };
}

async function load(): Promise<typeof Parquet> {
  try {
    return await import("hyparquet-writer");
  } catch (cause) {
    if (!isMap(cause) || cause["code"] !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new LavaError("DRIVER_MISSING", "The package hyparquet-writer is not installed", {
      cause,
      retry: "never",
      hint: "Install it beside lava: npm install hyparquet-writer",
    });
  }
}

function valueOf(value: SqlValue, name: string, kind: ColumnKind | undefined): unknown {
  if (value === null) return null;
  const read = kind?.read(value);
  if (read !== undefined) return read;
  throw new LavaError(
    "BAD_PARQUET_VALUE",
    `Column ${name}: ${pythonText(value)} does not fit the type that the first rows have`,
    { retry: "never", hint: "Cast the column, or take a larger batch size." },
  );
}

const TEXT: ColumnKind = {
  element: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  read: (value) => pythonText(value),
};
const BOOLEAN: ColumnKind = {
  element: { type: "BOOLEAN" },
  read: (value) => (typeof value === "boolean" ? value : undefined),
};
const BYTES: ColumnKind = {
  element: { type: "BYTE_ARRAY" },
  read: (value) => (value instanceof Uint8Array ? value : undefined),
};
const INTEGER: ColumnKind = {
  element: { type: "INT64" },
  read(value) {
    if (typeof value !== "bigint" && !Number.isInteger(value)) return undefined;
    const whole = BigInt(String(value));
    return BigInt.asIntN(64, whole) === whole ? whole : undefined;
  },
};
const DOUBLE: ColumnKind = {
  element: { type: "DOUBLE" },
  read(value) {
    if (value instanceof FloatValue) return value.value;
    return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
  },
};
const DATE: ColumnKind = {
  element: { type: "INT32", converted_type: "DATE" },
  read: (value) => instant(value, /^\d{4}-\d\d-\d\d$/, (text) => `${text}T00:00:00Z`)?.ms,
};
const TIMESTAMP: ColumnKind = {
  element: { type: "INT64", converted_type: "TIMESTAMP_MICROS" },
  read(value) {
    const at = instant(
      value,
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?$/,
      (text) => `${text.slice(0, 19).replace(" ", "T")}Z`,
    );
    return at && BigInt(at.ms.getTime()) * 1000n + BigInt(at.text.slice(20) || "0");
  },
};

function instant(
  value: SqlValue,
  form: RegExp,
  iso: (text: string) => string,
): { readonly ms: Date; readonly text: string } | undefined {
  if (typeof value !== "string" || !form.test(value)) return undefined;
  const ms = new Date(iso(value));
  return Number.isNaN(ms.getTime()) ? undefined : { ms, text: value };
}

const PLACES = 38;

/** Decimals with all their digits, at the scale of the first rows. */
function decimals(scale: number): ColumnKind {
  return {
    element: {
      type: "FIXED_LEN_BYTE_ARRAY",
      type_length: 16,
      converted_type: "DECIMAL",
      precision: PLACES,
      scale,
    },
    read(value) {
      const match =
        value instanceof DecimalValue ? /^(-?)(\d+)(?:\.(\d*))?$/.exec(value.text) : null;
      if (match === null) return undefined;
      const [, sign, whole = "", fraction = ""] = match;
      if (fraction.length > scale || whole.length > PLACES - scale) return undefined;
      const digits = BigInt(`${whole}${fraction.padEnd(scale, "0")}`);
      return sign === "-" ? -digits : digits;
    },
  };
}

/** The kind that all values of the first batch fit into. */
function kindOf({ type = "" }: SqlColumn, values: readonly SqlValue[]): ColumnKind {
  const given = values.filter((value) => value !== null);
  // Without any row the database's own name of the type is all there is to go by.
  if (values.length === 0) {
    if (/^date$/i.test(type)) return DATE;
    if (/^(?:timestamp|datetime)/i.test(type)) return TIMESTAMP;
    if (/^bool/i.test(type)) return BOOLEAN;
    if (/^(?:big|small)?int(?:eger|[248])?$/i.test(type)) return INTEGER;
    if (/^(?:double|float|real)/i.test(type)) return DOUBLE;
  }
  if (given.length === 0) return TEXT;
  const scales = given.map((value) =>
    value instanceof DecimalValue ? (value.text.split(".")[1]?.length ?? 0) : 0,
  );
  const kinds = [
    BOOLEAN,
    ...(/bool|^tinyint\(1\)$/i.test(type) ? [] : [INTEGER, DOUBLE]),
    decimals(Math.max(...scales)),
    BYTES,
    ...(/^date$/i.test(type) ? [DATE] : []),
    ...(/^(?:timestamp|datetime)/i.test(type) ? [TIMESTAMP] : []),
  ];
  return kinds.find((kind) => given.every((value) => kind.read(value) !== undefined)) ?? TEXT;
}
