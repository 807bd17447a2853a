/** Seconds since the epoch as `2026-06-01T12:00:00Z`. */
export const isoTime = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/**
 * How long ago that was, to a tenth.
 * @param seconds since the epoch
 * @param now milliseconds since the epoch
 */
export const ageInHours = (seconds: number, now: number) => Math.round((now / 1000 - seconds) / 360) / 10;
