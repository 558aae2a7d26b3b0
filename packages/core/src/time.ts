const two = (value: number): string => String(value).padStart(2, "0");

/** Local ISO 8601 with whole seconds and a numeric offset, `2026-11-23T18:47:15+11:00` (WF-003). */
export function formatLocalTime(ms: number): string {
  const date = new Date(ms);
  const offset = -date.getTimezoneOffset();
  const size = Math.abs(offset);
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day}T${time}${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** UTC with whole seconds and no offset, `2026-11-23T07:47:15` (WF-103). */
export function formatUtcTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
