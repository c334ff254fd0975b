/** The text without blocks of code, in which nothing is a link or a heading. */
export const withoutCode = (text: string): string =>
  text.replaceAll(/^( *)(```|~~~)[^\n]*\n[\s\S]*?^\1\2[^\n]*$/gm, '');

/** What stands below a heading of the second level, up to the next one. @throws Error where there is no such heading */
export function sectionOf(text: string, heading: string): string {
  const [, after] = text.split(`\n## ${heading}\n`);
  if (after === undefined) throw new Error(`there is no heading "${heading}"`);
  return after.split('\n## ')[0] ?? '';
}

/** Targets of all links and pictures of a page, in order: `[text](target)`. */
export const linksIn = (text: string): string[] =>
  [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);

/** What may stand behind a "#" of a link to the page, by the rules of GitHub. */
export function anchorsIn(text: string): ReadonlySet<string> {
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id));
  for (const [, title = ''] of withoutCode(text).matchAll(/^#{1,6} +(.+?)\s*$/gm)) {
    const anchor = title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let i = 1; anchors.has(unique); i += 1) unique = `${anchor}-${i}`;
    anchors.add(unique);
  }
  return anchors;
}

/**
 * What follows "vippool" or "kubectl vip" at the beginning of a piece of code or a line of a block, without comments,
 * what may be left out, and what the shell does with it.
 */
export function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```(?:sh)?\n([\s\S]*?)^ *```$/gm)].flatMap(([, block = '']) =>
    block.replaceAll(/\\\n\s*/g, '').split('\n'),
  );
  const pieces = [...withoutCode(text).matchAll(/`([^`]+)`/g)].map(([, piece = '']) => piece);
  return [...blocks, ...pieces].flatMap((line) => {
    const [, command] = /^\s*(?:vippool|kubectl vip) ([a-z].*)$/.exec(line) ?? [];
    if (command === undefined) return [];
    return [
      command
        .replace(/\s#.*$/, '')
        .replaceAll(/\[[^\]]*\]/g, '')
        .replace(/\s*[|<>].*$/, '')
        .trim(),
    ];
  });
}
