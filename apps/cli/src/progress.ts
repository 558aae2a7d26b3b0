import { type Output } from "./command.ts";
import { styles } from "./output.ts";

/** Progress of long work: one line rewritten in place on a terminal, plain lines when piped. */
export interface Progress {
  /** What is being done now. */
  step(text: string): void;
  /** A line that stays. */
  log(text: string): void;
  /** Removes the moving line. */
  done(): void;
}

/** Progress on `out`, which is stderr so that stdout stays for results. */
export function createProgress(out: Output, quiet = false): Progress {
  const style = styles(out);
  let shown = false;
  const clear = (): void => {
    if (shown) out.write("\r\u001B[2K");
    shown = false;
  };
  if (quiet) return { step() {}, log() {}, done() {} };
  return {
    step(text) {
      if (out.isTTY !== true) {
        out.write(`${text}\n`);
        return;
      }
      clear();
      out.write(style.dim(text.slice(0, (out.columns ?? 80) - 1)));
      shown = true;
    },
    log(text) {
      clear();
      out.write(`${text}\n`);
    },
    done: clear,
  };
}
