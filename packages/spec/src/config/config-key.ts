/** Kinds of configuration values. Durations and sizes stay as they were written, once they are known to be good. */
export type ConfigKind = "text" | "integer" | "duration" | "size" | "boolean";

/** One configuration key (CFG rows): `LAVA_<NAME>` in the environment, `<NAME>` in the realm's `config`. */
export interface ConfigKey {
  readonly id: string;
  readonly type: ConfigKind;
  /** Text as people would write it; null means none; a function of the number of processors for some. */
  readonly default: string | number | boolean | null | ((processors: number) => number);
  /** What the default is, where it is no fixed value. */
  readonly defaultText?: string;
  /** Only the environment counts, for values needed before the realm is known, or outside workers. */
  readonly environmentOnly?: true;
  /** Whether empty text means none (CFG-107). */
  readonly emptyIsNone?: true;
  /** The only values, in small letters. */
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly description: string;
}
