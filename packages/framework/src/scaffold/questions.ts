/** Answers of scaffolding by key; see {@link scaffoldQuestions}. */
export type ScaffoldAnswers = Readonly<Record<string, string>>;

/** One prompt of `lava new` (FW-025). */
export interface ScaffoldQuestion {
  readonly key: string;
  /** What to ask. */
  readonly prompt: string;
  /** The value when nothing is entered; may depend on earlier answers. */
  readonly default: (answers: ScaffoldAnswers) => string;
  /** Allowed values; the first one is the default. */
  readonly choices?: readonly string[];
  readonly required: boolean;
  /** What is wrong with a value; undefined when it will do. */
  readonly check?: (value: string, answers: ScaffoldAnswers) => string | undefined;
}

/** The prompts of `lava new`, in the order in which they are asked (FW-025). */
export const scaffoldQuestions: readonly ScaffoldQuestion[] = [];
