/** A value of a row as the double's database has it. */
export type CellValue = string | number | bigint | Uint8Array | null;

/** A type of TDS: how its metadata and its values are written. */
export interface TdsType {
  readonly info: Buffer;
  write(value: CellValue): Buffer;
}

const COLLATION = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);
const UNICODE_MAX = 8000;

const short = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};

/** `text` after its length in characters, which is one byte long or two. */
export function varchar(text: string, size: 1 | 2): Buffer {
  const length = size === 1 ? Buffer.from([text.length]) : short(text.length);
  return Buffer.concat([length, Buffer.from(text, "utf16le")]);
}

const nullable =
  (write: (value: string | number | bigint | Uint8Array) => Buffer) =>
  (value: CellValue): Buffer => {
    if (value === null) return Buffer.from([0]);
    const bytes = write(value);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  };

const int = (size: 4 | 8): TdsType => ({
  info: Buffer.from([0x26, size]),
  write: nullable((value) => {
    const bytes = Buffer.alloc(size);
    if (size === 8) bytes.writeBigInt64LE(BigInt(String(value)));
    else bytes.writeInt32LE(Number(value));
    return bytes;
  }),
});

const float: TdsType = {
  info: Buffer.from([0x6d, 8]),
  write: nullable((value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(Number(value));
    return bytes;
  }),
};

const bit: TdsType = {
  info: Buffer.from([0x68, 1]),
  write: nullable((value) => Buffer.from([Number(value) === 0 ? 0 : 1])),
};

const nvarchar: TdsType = {
  info: Buffer.concat([Buffer.from([0xe7]), short(UNICODE_MAX), COLLATION]),
  write(value) {
    if (value === null) return short(0xffff);
    const bytes = Buffer.from(String(value), "utf16le");
    return Buffer.concat([short(bytes.length), bytes]);
  },
};

/** Bytes in chunks, as all types of `max` length are sent. */
function chunked(bytes: Buffer): Buffer {
  const unknown = Buffer.from("feffffffffffffff", "hex");
  const parts: Buffer[] = [unknown];
  for (let at = 0; at < bytes.length; at += 1000) {
    const piece = bytes.subarray(at, at + 1000);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(piece.length);
    parts.push(length, piece);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

const nvarcharMax: TdsType = {
  info: Buffer.concat([Buffer.from([0xe7]), short(0xffff), COLLATION]),
  write: (value) =>
    value === null ? Buffer.alloc(8, 0xff) : chunked(Buffer.from(String(value), "utf16le")),
};

const varbinary: TdsType = {
  info: Buffer.concat([Buffer.from([0xa5]), short(UNICODE_MAX)]),
  write(value) {
    if (value === null) return short(0xffff);
    const bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
    return Buffer.concat([short(bytes.length), bytes]);
  },
};

function little(value: bigint, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let index = 0, rest = value; index < size; index += 1, rest >>= 8n) {
    bytes[index] = Number(rest & 0xffn);
  }
  return bytes;
}

/** The digits of a decimal text without its point, filled up to the scale. */
function unscaled(text: string, scale: number): bigint {
  const [, sign = "", whole = "0", fraction = ""] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  const digits = BigInt(`${whole}${fraction.padEnd(scale, "0").slice(0, scale)}`);
  return sign === "-" ? -digits : digits;
}

const decimal = (precision: number, scale: number): TdsType => ({
  info: Buffer.from([0x6a, 17, precision, scale]),
  write: nullable((value) => {
    const digits = unscaled(String(value), scale);
    const bytes = little(digits < 0n ? -digits : digits, 16);
    return Buffer.concat([Buffer.from([digits < 0n ? 0 : 1]), bytes]);
  }),
});

const money: TdsType = {
  info: Buffer.from([0x6e, 8]),
  write: nullable((value) => {
    const digits = BigInt.asUintN(64, unscaled(String(value), 4));
    return Buffer.concat([little(digits >> 32n, 4), little(digits & 0xffffffffn, 4)]);
  }),
};

const DAY = 86_400_000;
const days = (text: string): Buffer =>
  little(
    BigInt(
      (Date.parse(`${text.slice(0, 10)}T00:00:00Z`) - Date.parse("2000-01-01")) / DAY + 730_119,
    ),
    3,
  );

function clock(text: string, scale: number): Buffer {
  const [, hours = "0", minutes = "0", seconds = "0", fraction = ""] =
    /(\d\d):(\d\d):(\d\d)(?:\.(\d+))?/.exec(text) ?? [];
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const ticks = whole * 10n ** BigInt(scale) + BigInt(fraction.padEnd(scale, "0").slice(0, scale));
  return little(ticks, scale < 3 ? 3 : scale < 5 ? 4 : 5);
}

const date: TdsType = {
  info: Buffer.from([0x28]),
  write: nullable((value) => days(String(value))),
};
const time: TdsType = {
  info: Buffer.from([0x29, 7]),
  write: nullable((value) => clock(String(value), 7)),
};
const datetime2 = (scale: number): TdsType => ({
  info: Buffer.from([0x2a, scale]),
  write: nullable((value) => Buffer.concat([clock(String(value), scale), days(String(value))])),
});

/** Written as the time in UTC and the offset in minutes. */
const datetimeoffset: TdsType = {
  info: Buffer.from([0x2b, 7]),
  write: nullable((value) => {
    const text = String(value);
    const [, sign = "+", hours = "0", minutes = "0"] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
    const offset = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
    const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
    const utc = new Date(Date.parse(`${text.slice(0, 19).replace(" ", "T")}Z`) - offset * 60_000);
    const iso = utc.toISOString().slice(0, 19);
    const minutesOff = Buffer.alloc(2);
    minutesOff.writeInt16LE(offset);
    return Buffer.concat([clock(`${iso.slice(11)}.${fraction}`, 7), days(iso), minutesOff]);
  }),
};

const datetime: TdsType = {
  info: Buffer.from([0x6f, 8]),
  write: nullable((value) => {
    const at = Date.parse(`${String(value).replace(" ", "T")}Z`);
    const day = Math.floor((at - Date.parse("1900-01-01")) / DAY);
    const bytes = Buffer.alloc(8);
    bytes.writeInt32LE(day);
    bytes.writeInt32LE(Math.round(((at - Date.parse("1900-01-01")) % DAY) * 0.3), 4);
    return bytes;
  }),
};

const guid: TdsType = {
  info: Buffer.from([0x24, 16]),
  write: nullable((value) => {
    const hex = Buffer.from(String(value).replaceAll("-", ""), "hex");
    const head = [hex.subarray(0, 4), hex.subarray(4, 6), hex.subarray(6, 8)];
    return Buffer.concat([...head.map((part) => Buffer.from(part).reverse()), hex.subarray(8)]);
  }),
};

/** The type of a column by its declaration (`decimal(38,10)`), or by the first value of an expression. */
export function tdsType(declared: string | null, first: CellValue): TdsType {
  const [, name = "", a, b] =
    /^\s*([a-z0-9 ]+?)\s*(?:\(\s*(\w+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/i.exec(declared ?? "") ?? [];
  switch (name.toLowerCase()) {
    case "int":
    case "integer":
      return int(4);
    case "bigint":
      return int(8);
    case "bit":
      return bit;
    case "float":
    case "double precision":
      return float;
    case "decimal":
    case "numeric":
      return decimal(Number(a ?? 18), Number(b ?? 0));
    case "money":
      return money;
    case "date":
      return date;
    case "time":
      return time;
    case "datetime":
      return datetime;
    case "datetime2":
      return datetime2(Number(a ?? 7));
    case "datetimeoffset":
      return datetimeoffset;
    case "uniqueidentifier":
      return guid;
    case "varbinary":
      return varbinary;
    case "nvarchar":
      return Number(a ?? 0) > UNICODE_MAX ? nvarcharMax : nvarchar;
    default:
      return typeOf(first);
  }
}

function typeOf(value: CellValue): TdsType {
  if (typeof value === "bigint")
    return value >= -(2n ** 31n) && value < 2n ** 31n ? int(4) : int(8);
  if (typeof value === "number") return float;
  return value instanceof Uint8Array ? varbinary : nvarchar;
}
