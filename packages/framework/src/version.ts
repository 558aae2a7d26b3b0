/** Version of the framework: part of the fingerprint of every build. */
export const FRAMEWORK_VERSION = "9.0.0";

/** Name of the release, as the original's have one. */
export const FRAMEWORK_RELEASE = "Surtsey";
