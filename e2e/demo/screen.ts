const bold = (text: string): string => (process.stdout.isTTY ? `\u001B[1m${text}\u001B[0m` : text);

export const say = (text: string): void => void process.stdout.write(`${text}\n`);
export const title = (text: string): void => say(`\n${bold(text)}`);
