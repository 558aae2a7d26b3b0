import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { SampleOptions } from "./templates.ts";

/** A template as the oracle takes it. */
export interface Case {
  readonly template: string;
  readonly templates: Readonly<Record<string, string>>;
  readonly options: SampleOptions;
}

/** What became of a template. `slow`: more than it is worth to compare. */
export type Outcome =
  | { readonly text: string }
  | { readonly error: string; readonly type: string }
  | { readonly slow: true };

/** The real Jinja2, in a child process that lives until `close`. */
export class Oracle {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.#child = spawn("python3", [join(import.meta.dirname, "oracle.py")], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, PYTHONHASHSEED: "0" },
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async render(cases: readonly Case[]): Promise<readonly Outcome[]> {
    this.#child.stdin.write(`${JSON.stringify(cases)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("the oracle ended");
    return JSON.parse(line.value) as readonly Outcome[];
  }

  close(): void {
    this.#child.stdin.end();
  }
}
