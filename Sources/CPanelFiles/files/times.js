// Writes times in the reader's zone, with their date.

const format = new Intl.DateTimeFormat(undefined, {
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

const minutes = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const seconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The time of day of a Unix time, with seconds. */
export function timeOfDay(unix) { return seconds.format(unix * 1000); }

/** The time of day of a Unix time, in minutes. */
export function minuteOfDay(unix) { return minutes.format(unix * 1000); }

/** Writes the times below an element. */
export function localize(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.textContent = format.format(moment);
    time.title = time.dateTime;
  }
}
