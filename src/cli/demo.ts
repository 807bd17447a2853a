export async function demo(..._: unknown[]): Promise<number> {
  return 2;
}
