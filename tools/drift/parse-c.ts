/** Enums and structs of preprocessed C: names only. What they are worth is for the compiler to say (evaluate.ts). */

export interface CEnum {
  /** Tag, or the first enumerator of one without a tag. */
  name: string;
  /** Header it stands in: `linux/if_link.h`. */
  header: string;
  enumerators: string[];
}

export interface CMember {
  name: string;
  /** As declared, without array bounds: `__be16`, `struct in6_addr`. */
  type: string;
  /** Declared with bounds. */
  array: boolean;
}

export interface CStruct {
  name: string;
  header: string;
  members: CMember[];
}

interface Token {
  text: string;
  header: string;
}

const TOKEN = /[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d\w*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\.\.\.|[^\s\w]/g;

/** Tokens with the header that each comes from, by the line markers that the preprocessor leaves. */
function tokens(text: string): Token[] {
  const list: Token[] = [];
  let header = '';
  for (const line of text.split('\n')) {
    const marker = /^# \d+ "([^"]*)"/.exec(line);
    if (marker !== null)
      header = /(?:^|\/)include\/(?:.*\/)?((?:linux|asm|asm-generic)\/.*)$/.exec(marker[1]!)?.[1] ?? '';
    else if (!line.startsWith('#')) for (const [text] of line.matchAll(TOKEN)) list.push({ text, header });
  }
  return list;
}

/** The index behind the bracket that closes the one at `at`. */
function behind(list: readonly Token[], at: number): number {
  let depth = 0;
  for (let i = at; i < list.length; i++) {
    const { text } = list[i]!;
    if (text === '{' || text === '(' || text === '[') depth++;
    else if ((text === '}' || text === ')' || text === ']') && --depth === 0) return i + 1;
  }
  return list.length;
}

/** Parts of a list, split where `separator` stands outside of brackets. */
function split(list: readonly Token[], separator: string): Token[][] {
  const parts: Token[][] = [[]];
  for (let i = 0; i < list.length; ) {
    const { text } = list[i]!;
    if (text === separator) {
      parts.push([]);
      i++;
      continue;
    }
    const end = text === '{' || text === '(' || text === '[' ? behind(list, i) : i + 1;
    parts.at(-1)!.push(...list.slice(i, end));
    i = end;
  }
  return parts.filter((part) => part.length > 0);
}

/** Skips `__attribute__((...))`. */
function withoutAttributes(list: readonly Token[]): Token[] {
  const rest: Token[] = [];
  for (let i = 0; i < list.length; i++) {
    if (list[i]!.text === '__attribute__') i = behind(list, i + 1) - 1;
    else rest.push(list[i]!);
  }
  return rest;
}

/** Members of one struct body; those of unnamed structs and unions inside count as its own. */
function members(body: readonly Token[]): CMember[] {
  return split(withoutAttributes(body), ';').flatMap((declaration) => {
    const open = declaration.findIndex((t) => t.text === '{');
    if (open >= 0) {
      const end = behind(declaration, open);
      if (end === declaration.length) return members(declaration.slice(open + 1, end - 1));
      return [{ name: declaration[end]!.text, type: 'struct', array: false }];
    }
    const [first, ...more] = split(declaration, ',');
    const words = first!.map((t) => t.text);
    const bracket = words.indexOf('[');
    const array = bracket >= 0;
    const head = array ? words.slice(0, bracket) : words;
    // Bit fields have no offset, arrays without bounds no size.
    if (words.includes(':') || words.includes('(') || words[bracket + 1] === ']') return [];
    const type = head.slice(0, -1).join(' ');
    const others = more.map((part) => ({ name: part.find((t) => t.text !== '*')!.text, type, array: part.length > 1 }));
    return [{ name: head.at(-1)!, type, array }, ...others];
  });
}

/** Everything declared with a body, in the order of the text. */
export function parseC(text: string): { enums: CEnum[]; structs: CStruct[] } {
  const list = tokens(text);
  const enums: CEnum[] = [];
  const structs: CStruct[] = [];
  for (let i = 0; i < list.length; i++) {
    const { text: word, header } = list[i]!;
    if (word !== 'enum' && word !== 'struct') continue;
    const tag = /^[A-Za-z_]/.test(list[i + 1]?.text ?? '') ? list[i + 1]!.text : undefined;
    const open = i + (tag === undefined ? 1 : 2);
    if (list[open]?.text !== '{') continue;
    const body = list.slice(open + 1, behind(list, open) - 1);
    if (word === 'struct') {
      if (tag !== undefined) structs.push({ name: tag, header, members: members(body) });
      continue;
    }
    const enumerators = split(body, ',').map(([first]) => first!.text);
    if (enumerators.length > 0) enums.push({ name: tag ?? enumerators[0]!, header, enumerators });
  }
  return { enums, structs };
}
