import manifest from "../package.json" with { type: "json" };

/** Of this command and of all packages, which are released together. */
export const VERSION = manifest.version;

/** Name of the release, as the original's have one. */
export const VERSION_NAME = "Surtsey";
