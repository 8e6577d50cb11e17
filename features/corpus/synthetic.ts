export async function readMarker(_dir: string): Promise<{ complete: boolean } | null> {
  return null;
}
