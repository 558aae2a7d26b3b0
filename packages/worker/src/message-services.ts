import type { Realm, RunKey, WorkerQueue } from "@lava/realm";
import type { MessageChecks } from "./check-message.ts";
import type { DueSender } from "./due-sender.ts";
import type { TempArea } from "./job-tmpdir.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { HoldServices, MessageHold } from "./message-hold.ts";
import type { RunPlaces } from "./places.ts";
import type { RunServices } from "./run-services.ts";

/** What handling messages needs beyond what every run needs. */
export interface MessageServices extends RunServices, MessageChecks, HoldServices {
  readonly realm: Realm;
  readonly queue: WorkerQueue;
  readonly lease: LeaseKeeper;
  readonly temp: TempArea;
  readonly places: RunPlaces;
  readonly due: DueSender;
  /** Signals of runs by the holder under which they were claimed, for whoever stops them. */
  readonly stops: Map<AbortController, string>;
  /** Runs that are held, by the same signals. */
  readonly held: Map<AbortController, HeldRun>;
}

/** A run that this process holds, and the message that it came by. */
export interface HeldRun extends RunKey {
  readonly holder: string;
  readonly hold: MessageHold;
}

/** What is to become of a message; `adopted` by the run that it belongs to. */
export type Settlement =
  | { readonly how: "deleted" }
  | { readonly how: "left" }
  | { readonly how: "adopted" }
  | { readonly how: "given_back"; readonly delay: number };
