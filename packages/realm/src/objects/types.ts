/** An object below a store's root. */
export interface StoredObject {
  /** Relative to the root. */
  readonly name: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds. */
  readonly modified: number;
  /** `s3://bucket/key`, the key not encoded (WF-162). */
  readonly uri: string;
}

/**
 * Content of an object to be written. A stream goes up in parts while it is read, with a few parts of 8 MB in memory
 * (80 GB at most; a chunk may be overwritten when the next one is asked for); when it fails nothing is stored, and its own
 * fault is thrown.
 */
export type ObjectSource =
  | Uint8Array
  | string
  | { readonly file: string }
  | { readonly stream: AsyncIterable<Uint8Array> };

/** Options of {@link ObjectStore.put}. */
export interface PutOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * ETag of the object that is replaced, or null when there must be none; OBJECT_CHANGED when it is otherwise. Only
   * for what goes up in one part.
   */
  readonly expected?: string | null;
}

/** Objects of one bucket below one prefix. */
export interface ObjectStore {
  readonly bucket: string;
  /** Without slashes at its ends; "" for a whole bucket. */
  readonly prefix: string;
  /** `s3://bucket/key` of a name. */
  uri(name: string): string;
  /** Objects whose name begins with `prefix`; with `deep: false` none that has a `/` after it. */
  list(prefix?: string, options?: { deep?: boolean }): Promise<StoredObject[]>;
  /** Size and metadata of one object. */
  head(
    name: string,
  ): Promise<(StoredObject & { metadata: Readonly<Record<string, string>> }) | undefined>;
  /** The whole content; undefined when there is no such object. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** The content from a byte on, piece by piece; undefined when there is no such object. */
  stream(name: string, from?: number): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Streams an object into a file. @throws {LavaError} NO_SUCH_OBJECT */
  getFile(name: string, file: string): Promise<void>;
  /** Writes an object, encrypted as the realm says (WF-160); what is over 8 MB in parts (WF-163). */
  put(name: string, source: ObjectSource, options?: PutOptions): Promise<void>;
  /** Copies an object within the store, on the server's side. @throws {LavaError} NO_SUCH_OBJECT */
  copy(from: string, to: string): Promise<void>;
  delete(names: readonly string[]): Promise<void>;
}
