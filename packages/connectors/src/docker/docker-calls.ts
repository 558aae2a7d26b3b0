import { errorText, isMap, LavaError } from "@lava/core";

/** Makes one call of the daemon; `what` could not be done when it fails. */
export type DockerCall = <T>(
  what: string,
  action: (abortSignal: AbortSignal) => Promise<T>,
  moreMs?: number,
) => Promise<T>;

/** Calls that end after `timeoutMs`, and what more they ask for. */
export function dockerCalls(timeoutMs: number): DockerCall {
  return async (what, action, moreMs = 0) => {
    const signal = AbortSignal.timeout(timeoutMs + moreMs);
    const late = Promise.withResolvers<never>();
    const onAbort = (): void => {
      late.reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([action(signal), late.promise]);
    } catch (error) {
      throw dockerFault(what, error);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
}

/** A fault of the daemon as lava's own. */
export function dockerFault(what: string, cause: unknown): LavaError {
  const status = daemonStatus(cause);
  return new LavaError("DOCKER_FAILED", `${what}: ${daemonText(cause)}`, {
    cause,
    hint: "Check that the docker daemon runs and that the worker's user may use it.",
    ...(status === undefined ? {} : { data: { status } }),
  });
}

/** The daemon's HTTP status. */
export function daemonStatus(error: unknown): number | undefined {
  return isMap(error) && typeof error["statusCode"] === "number" ? error["statusCode"] : undefined;
}

/** What the daemon itself said. */
export function daemonText(error: unknown): string {
  const body = isMap(error) ? error["json"] : undefined;
  const message = isMap(body) ? body["message"] : undefined;
  if (typeof message === "string") return message.trim();
  return errorText(error)
    .replace(/^\(HTTP code \d+\) [^-]*- /, "")
    .trim();
}
