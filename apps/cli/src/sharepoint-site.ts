import type { SharePointClient } from "@lava/connectors";
import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { Command } from "commander";
import type { CliContext } from "./command.ts";
import { type RealmOptions, withRealm } from "./realm-access.ts";
import { jobNames, makeTmpdir } from "./transfer-place.ts";

/** The options that every sub-command of `lava sharepoint` has. */
export interface SharepointOptions extends RealmOptions {
  readonly connId: string;
  readonly jinja: boolean;
  readonly tmpdir?: string;
}

/** What a sub-command works with. */
export interface SharepointWork<O extends SharepointOptions> {
  readonly client: SharePointClient;
  readonly realm: Realm;
  readonly dir: string;
  readonly render: (text: string) => string;
  readonly options: O;
}

/** Opens the site for one sub-command; its temporary folder is gone afterwards. */
export async function withSite<O extends SharepointOptions>(
  command: Command,
  context: CliContext,
  use: (work: SharepointWork<O>) => Promise<void>,
): Promise<void> {
  const options = command.optsWithGlobals<O>();
  await withRealm(options, context, async (realm, { env }) => {
    const { createRenderer } = await import("@lava/render");
    const { connect } = await import("@lava/connectors");
    const names = { realm: realm.record, job: jobNames(env, context) };
    await using tmp = await makeTmpdir(options.tmpdir, context);
    const at = { realm, env, tmpdir: tmp.path, job_id: env["LAVA_JOB_ID"] };
    await using client = await connect(options.connId, { ...at, type: "sharepoint" });
    const render = (text: string): string =>
      options.jinja ? createRenderer().render(text, names) : text;
    await use({ client, realm, dir: tmp.path, render, options });
  });
}

/** `library:path` with exactly one colon; the slash after it may be left out (CLI-143). */
export function toPath(text: string): string {
  const [, library, path = ""] = /^([^:]+):([^:]*)$/.exec(text) ?? [];
  if (library === undefined) {
    throw new LavaError("BAD_PATH", "Bad path - must be in the form library:path");
  }
  return `/${library}/${path.replace(/^\/+/, "")}`;
}
