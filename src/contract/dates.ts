import { Temporal } from 'temporal-polyfill'

/**
 * Days and times, the same in the service, the command, reports and the web app. A day is text, YYYY-MM-DD, and has no zone; an instant is
 * text as the record has it, UTC with a `Z`. 'Today' is the day where the program runs, which its time zone says (`TZ`), in the web
 * app the reader's.
 */

const DAY = /^\d{4}-\d{2}-\d{2}$/
/** A time as somebody wrote it: day, time, and the zone where they gave one. */
const WRITTEN = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?(Z|[+-]\d{2}:?\d{2})?$/
const EPOCH = Temporal.PlainDate.from('1970-01-01')

export function today(): string {
  return Temporal.Now.plainDateISO().toString()
}

/** The day so many days from today; before it when negative. */
export function dayFromToday(days: number): string {
  return Temporal.Now.plainDateISO().add({ days }).toString()
}

/** The day here at a time. @param at Unix time in milliseconds, or an instant */
export function dayAt(at: number | string): string {
  const instant =
    typeof at === 'number' ? Temporal.Instant.fromEpochMilliseconds(at) : Temporal.Instant.from(at)
  return instant.toZonedDateTimeISO(Temporal.Now.timeZoneId()).toPlainDate().toString()
}

export function dayBefore(day: string): string {
  return Temporal.PlainDate.from(day).subtract({ days: 1 }).toString()
}

/** The instant at which a day begins here. */
export function startOfDay(day: string): string {
  return instantText(Temporal.PlainDate.from(day).toZonedDateTime(Temporal.Now.timeZoneId()).toInstant())
}

/** The instant at which a day is over here. */
export function endOfDay(day: string): string {
  return startOfDay(Temporal.PlainDate.from(day).add({ days: 1 }).toString())
}

/** The instant of a day and time on the clock here, as fields for both give it (YYYY-MM-DDTHH:MM). @throws RangeError */
export function instantHere(written: string): string {
  return instantText(
    Temporal.PlainDateTime.from(written).toZonedDateTime(Temporal.Now.timeZoneId()).toInstant(),
  )
}

/** Whether it is a day that there is. */
export function isDay(text: string): boolean {
  return dayOf(text) !== undefined && DAY.test(text)
}

/**
 * The day of a date or time as written (`2022-03-05`, with or without a time behind it), counted from 1970-01-01;
 * undefined for anything else, and for days that there are not. Zones are passed over: the date is the one on the spot.
 */
export function dayOf(text: string | null | undefined): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?!\d)/.exec(text ?? '')
  const day = match === null ? undefined : plainDay(match[1])
  return day === undefined ? undefined : EPOCH.until(day).days
}

/** The day of that number, counted from 1970-01-01. */
export function dayText(number: number): string {
  return EPOCH.add({ days: number }).toString()
}

export interface DateFormats {
  /** An instant, on the reader's clock. */
  time(instant: string): string
  /** A day as it was written; an instant as the reader's day; what is neither, as it came. */
  day(text: string): string
  /** A time as it was written, with the zone that was written; never moved to another zone. What is no time, as it came. */
  asWritten(text: string): string
  /** A month, YYYY-MM. */
  month(month: string): string
}

/** How a language writes days and times. @param language BCP 47 */
export function dateFormats(language: string): DateFormats {
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const hereDay = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  const plain = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: 'UTC',
  })
  const plainDate = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' })
  const month = new Intl.DateTimeFormat(language, { month: 'short', year: '2-digit', timeZone: 'UTC' })
  return {
    time: (instant) => time.format(Temporal.Instant.from(instant).epochMilliseconds),
    day: (text) => {
      const found = written(text)
      if (found === undefined) return text
      return found.zone === 'Z' ? hereDay.format(Date.parse(text)) : plainDate.format(found.day)
    },
    asWritten: (text) => {
      const found = written(text)
      if (found === undefined) return text
      if (found.clock === undefined) return plainDate.format(found.day)
      const zone = found.zone === 'Z' ? 'UTC' : found.zone
      return [plain.format(found.day), zone].filter(Boolean).join(' ')
    },
    month: (text) =>
      month.format(
        Temporal.PlainYearMonth.from(text).toPlainDate({ day: 1 }).toZonedDateTime('UTC').epochMilliseconds,
      ),
  }
}

/** Parts of a day or time as written: the clock, the same as if it were UTC (Unix time in milliseconds), the zone. */
function written(text: string): { clock: string | undefined; day: number; zone: string } | undefined {
  const match = WRITTEN.exec(text.trim())
  const date = match === null ? undefined : plainDay(match[1])
  if (match === null || date === undefined) return undefined
  try {
    const at = Temporal.PlainDateTime.from(`${match[1]}T${match[2] ?? '00:00'}`)
    return {
      clock: match[2],
      day: at.toZonedDateTime('UTC').epochMilliseconds,
      zone: match[3] ?? '',
    }
  } catch {
    return undefined
  }
}

/** Strict: 30 February is no day. */
function plainDay(text: string): Temporal.PlainDate | undefined {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' })
  } catch {
    return undefined
  }
}

/** As the record writes instants: with milliseconds. */
function instantText(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: 'millisecond' })
}
