/**
 * The text of a member of a JSON object exactly as it was sent, for signatures over it; a string with its quotes. Of equal
 * names the last, as in `JSON.parse`. `text` must be JSON already: nothing is checked here.
 */
export function rawMember(text: string, name: string): string | undefined {
  let found: string | undefined;
  let key: string | undefined;
  let depth = 0;
  let valueStart = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = stringEnd(text, at);
      if (depth === 1 && key === undefined) key = JSON.parse(text.slice(at, end)) as string;
      at = end - 1;
    } else if (character === ':' && depth === 1 && valueStart < 0) {
      valueStart = at + 1;
    } else if (character === '{' || character === '[') {
      depth++;
    } else if (character === '}' || character === ']' || character === ',') {
      if (depth === 1 && valueStart >= 0) {
        if (key === name) found = text.slice(valueStart, at).trim();
        key = undefined;
        valueStart = -1;
      }
      if (character !== ',') depth--;
    }
  }
  return found;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
