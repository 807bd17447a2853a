/** A share of 0 to 1, to four places: Proxmox gives 17 digits of it. */
export const share = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 1e4) / 1e4);
