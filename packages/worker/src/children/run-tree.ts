import type { ChildRecord, RunKey } from "@lava/realm";
import type { ChildLedger } from "./child-ledger.ts";
import type { SlotShare } from "./slot-share.ts";

/** What a run and all its children, at any depth, have in common. */
export interface RunTree {
  /** The run at the top: the one that was claimed. */
  readonly run: RunKey;
  /** The worker process that holds it. */
  readonly holder: string;
  readonly slot: SlotShare;
  readonly ledger: ChildLedger;
  /** Children of a job as earlier runs, or this one before it was given back, left them. */
  readonly earlier: EarlierChildren | undefined;
  /** The only children of the top job to run: ids, or numbers of iterations. */
  readonly only: readonly string[] | undefined;
  /** Set when the run was interrupted while its children had files in their folder. */
  readonly left: { files: boolean };
  /** Children that are to go on later, by id; called when the run ends without them. */
  readonly waiting: Map<string, () => Promise<void>>;
}

/** What is known of the children of one job of the tree from before. */
export interface EarlierChild {
  readonly child: ChildRecord;
  /** The run that it was recorded in. */
  readonly run_id: string;
}

/** Finds a child of `parent` by its id, in the pass of its parents that it belongs to. */
export type EarlierChildren = (
  parent: string,
  child: { readonly id: string; readonly pass: string },
) => Promise<EarlierChild | undefined>;

/** Where earlier children are looked for. */
export interface EarlierOptions {
  /** All records of a run of a job, with the part of which each is, `<epoch>-<number>`. */
  readonly history: (run: RunKey) => Promise<readonly (ChildRecord & { readonly part: string })[]>;
  /** Runs that this one repeats, earlier ones first: what was complete in their last pass counts. */
  readonly runs: readonly string[];
  /** This run itself, with the epoch from which its records count: its children go on where they were. */
  readonly own: { readonly run_id: string; readonly epoch: number } | undefined;
}

/** Reads what earlier runs recorded, once for each job of the tree. */
export function earlierChildren({ history, runs, own }: EarlierOptions): EarlierChildren {
  const known = new Map<string, Promise<EarlierIndex>>();
  const read = async (parent: string): Promise<EarlierIndex> => {
    const index: EarlierIndex = { repeated: new Map(), own: new Map() };
    for (const run_id of runs) {
      for (const child of await history({ job_id: parent, run_id })) {
        index.repeated.set(child.id, { child, run_id });
      }
    }
    if (own === undefined) return index;
    const { run_id, epoch } = own;
    for (const child of await history({ job_id: parent, run_id })) {
      if (Number(child.part.split("-")[0]) < epoch) continue;
      index.own.set(`${child.pass} ${child.id}`, { child, run_id });
    }
    return index;
  };
  return async (parent, { id, pass }) => {
    let index = known.get(parent);
    if (index === undefined) {
      index = read(parent);
      known.set(parent, index);
    }
    const found = await index;
    const repeated = found.repeated.get(id);
    return (
      found.own.get(`${pass} ${id}`) ??
      // Of another run only what is complete counts; the rest begins anew.
      (repeated?.child.status === "complete" || repeated?.child.status === "skipped"
        ? repeated
        : undefined)
    );
  };
}

interface EarlierIndex {
  readonly repeated: Map<string, EarlierChild>;
  readonly own: Map<string, EarlierChild>;
}
