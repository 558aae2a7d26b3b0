import type { DataMap } from "@lava/core";

/** Where items of one kind are kept, as deployments use it. */
export interface ItemTable {
  getItem(id: string): Promise<DataMap | undefined>;
  /** @throws {LavaError} RECORD_CHANGED when what is there is not as expected */
  put(item: DataMap, options: { expected: DataMap | null }): Promise<void>;
  /** @throws {LavaError} RECORD_CHANGED when what is there is not as expected */
  delete(id: string, options: { expected: DataMap | null }): Promise<void>;
}
