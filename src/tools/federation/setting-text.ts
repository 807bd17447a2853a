/** A setting as a text, however Proxmox writes it; an object is a property string. */
export function settingText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value)) return value.map((one) => settingText(one) ?? '').join(',');
  if (typeof value !== 'object') return String(value);
  const parts = Object.entries(value).map(([key, part]) => `${key}=${settingText(part) ?? ''}`);
  return parts.sort().join(',');
}

/** Settings as texts, without those that are named, and without those that are not set. */
export function settingTexts(
  settings: Readonly<Record<string, unknown>>,
  left: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => {
      const text = left.includes(key) ? undefined : settingText(value);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}
