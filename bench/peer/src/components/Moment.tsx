const FORMATS: Record<"time" | "date" | "exact", Intl.DateTimeFormatOptions> = {
  time: { timeStyle: "short" },
  date: { dateStyle: "medium", timeStyle: "short" },
  exact: { dateStyle: "medium", timeStyle: "medium" },
};

/** A point in time, in milliseconds, as the browser's language writes it. */
export function Moment({ at, as = "time" }: { at: number; as?: keyof typeof FORMATS }) {
  const date = new Date(at);
  return <time dateTime={date.toISOString()}>{new Intl.DateTimeFormat(undefined, FORMATS[as]).format(date)}</time>;
}
