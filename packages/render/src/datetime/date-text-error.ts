/** A text is no date; the caller says so with the text. */
export class DateTextError extends Error {}
