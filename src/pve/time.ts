/** Seconds since the epoch as `2026-06-01T12:00:00Z`. */
export const isoTime = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
