import { expect, test } from '@jest/globals';
import { anchorsIn, commandsIn, linksIn } from './markdown.ts';

const TEXT = `# What \`vippool\` is, and why

See [one](a.md), [two](b.md#c) and ![three](d.svg).

\`\`\`
## no heading, [no link](e.md)
\`\`\`

## Again
## [Again](f.md)
### A/B: 50 %

| <a id="row"></a>\`Row\` |
`;

test('links are found outside of code', () => {
  expect(linksIn(TEXT)).toEqual(['a.md', 'b.md#c', 'd.svg', 'f.md']);
});

test('headings have the anchors that GitHub gives them, and what has one of its own is found', () => {
  expect([...anchorsIn(TEXT)]).toEqual(['row', 'what-vippool-is-and-why', 'again', 'again-1', 'ab-50-']);
});

test('commands are found at the beginning of code and of lines, without what is no part of them', () => {
  const text = `Use \`vippool who IP\`, \`--vippool x\` or \`kubectl vip move IP NODE [-o json]\`.

\`\`\`
vippool controller --id c1 \\
  --etcd http://a   # a comment
\`\`\`

\`source <(vippool completion bash)\`
`;
  expect(commandsIn(text)).toEqual(['controller --id c1 --etcd http://a', 'who IP', 'move IP NODE']);
});
