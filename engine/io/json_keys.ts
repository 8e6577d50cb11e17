/**
 * Finds a key that one JSON object gives twice. `JSON.parse` keeps the last of them without a word,
 * and two readers that keep different ones would see different files.
 * The text must be valid JSON already.
 */

/** The first key repeated within one object, at any depth; undefined when there is none. */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the keys of each open object; undefined in an array
  let keyMayFollow = false;
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case "{":
        open.push(new Set());
        keyMayFollow = true;
        break;
      case "[":
        open.push(undefined);
        keyMayFollow = false;
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        keyMayFollow = true;
        break;
      case ":":
        keyMayFollow = false;
        break;
      case '"': {
        const end = endOfString(json, i);
        const keys = open.at(-1);
        if (keyMayFollow && keys !== undefined) {
          const key: string = JSON.parse(json.slice(i, end));
          if (keys.has(key)) return key;
          keys.add(key);
        }
        i = end - 1;
        break;
      }
    }
  }
  return undefined;
}

/** The index just past the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
  return i + 1;
}
