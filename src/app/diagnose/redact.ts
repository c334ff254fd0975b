/** Takes secrets out of what goes into a bug report. In doubt something is removed too much. */

/** Stands where something was removed. */
export const REMOVED = '<removed>';

const PRIVATE_KEY = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g;
const END_OF_KEY = /-----END ([A-Z ]*PRIVATE KEY)-----/g;
// Repetitions have ends, far beyond what is sought: a log may have lines of any length.
/** PEM in base64, as in a kubeconfig, except certificates. */
const ENCODED_KEY = /\bLS0tLS1CRUdJTi(?!BDRVJUSUZJQ0FUR)[\w+/=]{20,20000}/g;
const JSON_WEB_TOKEN = /\beyJ[\w-]{10,8000}\.[\w-]{10,8000}(?:\.[\w-]{0,8000})?/g;
const AUTHORIZATION =
  /\b(authorization\\?["']?\s{0,9}[:=]\s{0,9}\\?["']?)(?:[A-Za-z]{1,20}\s{1,9})?[^\s"',\\]{1,8000}/gi;
const BEARER = /\b(Bearer)\s{1,9}[\w.~+/=-]{16,8000}/gi;
/** "https://user:password@host" */
const USER_OF_URL = /(\w:\/\/)[^\s/@"'<>]{1,1000}@/g;
const SECRET_WORD = 'pass(?:word|wd|phrase|code)|secret|token|credential|(?:api|private|access|client)[-_]?key';
/** A value, in quotes of any kind or without. */
const VALUE = [
  String.raw`\\"(?:[^"\\\n]|\\(?!")){0,8000}\\?"?`,
  String.raw`"(?:[^"\\\n]|\\.){0,8000}"?`,
  String.raw`'[^'\n]{0,8000}'?`,
  String.raw`[^\s"',;&}\]\\]{1,8000}`,
].join('|');
/** `password=x`, `"token": "x"`, `--secret x`; what is before the word is looked at separately, since that is quick. */
const ASSIGNMENT = new RegExp(
  String.raw`((?:${SECRET_WORD})[\w-]{0,40})(\\?["']?\s{0,9}[:=]\s{0,9}|\s{1,9}(?=[^\s-]))(${VALUE})`,
  'gi',
);

const NAME_OF_SECRET = new RegExp(SECRET_WORD, 'i');
/** They tell where a secret is, not what it is. */
const NAME_OF_PLACE = /(?:file|path|dir|name|names|ref|refs|key|namespace)$/i;
/** Options of ours whose values are paths or names. */
const PLACES: ReadonlySet<string> = new Set(['identity-token', 'etcd-secret']);
const isKept = (name: string): boolean =>
  (NAME_OF_PLACE.test(name) && !/(?:api|private|access|client)[-_]?key$/i.test(name)) || PLACES.has(optionOf(name));
const optionOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^(?:--|vippool-)/, '');
const isSecret = (name: string): boolean => NAME_OF_SECRET.test(name) && !isKept(name);

/** The text without private keys, tokens, passwords, and what looks like one. */
export function redactText(text: string): string {
  return withoutEndsOfKeys(text.replace(PRIVATE_KEY, '<removed: $1>'))
    .replace(ENCODED_KEY, REMOVED)
    .replace(JSON_WEB_TOKEN, REMOVED)
    .replace(AUTHORIZATION, `$1${REMOVED}`)
    .replace(BEARER, `$1 ${REMOVED}`)
    .replace(USER_OF_URL, `$1${REMOVED}@`)
    .replace(ASSIGNMENT, redactAssignment);
}

/** A log may begin in the middle of a key: the lines before its end that are nothing but base64 belong to it. */
function withoutEndsOfKeys(text: string): string {
  let result = '';
  let from = 0;
  for (const { 0: end, 1: kind, index } of text.matchAll(END_OF_KEY)) {
    const lines = text.slice(from, index).split('\n');
    const last = lines.findLastIndex((line, at) => at < lines.length - 1 && !/^[\w+/=]+\r?$/.test(line));
    result += [...lines.slice(0, last + 1), `<removed: ${kind}>`].join('\n');
    from = index + end.length;
  }
  return result + text.slice(from);
}

function redactAssignment(whole: string, word: string, between: string, value: string, ...rest: unknown[]): string {
  const [at, text] = rest as [number, string];
  const before = /[\w-]*$/.exec(text.slice(Math.max(0, at - 40), at))?.[0] ?? '';
  // After a space only an option has its value: elsewhere it is the next word of a sentence.
  if (/^\s+$/.test(between) && !before.startsWith('--')) return whole;
  if (isKept(before + word) || value.startsWith(REMOVED)) return whole;
  const quote = /^\\?["']/.exec(value)?.[0] ?? '';
  return `${word}${between}${quote}${REMOVED}${quote}`;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const DROPPED: ReadonlySet<string> = new Set(['managedFields', LAST_APPLIED]);

/** The same for an object of an API; of a Secret nothing is left but its name. */
export function redactObject(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return redactWords(value);
  if (!isRecord(value)) return value;
  if (value['kind'] === 'Secret' && ('data' in value || 'stringData' in value)) {
    const { name, namespace } = isRecord(value['metadata']) ? value['metadata'] : {};
    return { kind: 'Secret', metadata: { name, namespace }, data: REMOVED };
  }
  // Environment variables and headers are pairs.
  const pairIsSecret = typeof value['name'] === 'string' && isSecret(value['name']);
  const entries = Object.entries(value)
    .filter(([key]) => !DROPPED.has(key))
    .map(([key, item]) => {
      const hidden = isSecret(key) || (pairIsSecret && key === 'value') || /^authorization$/i.test(key);
      return [key, hidden ? hide(item) : redactObject(item)];
    });
  return Object.fromEntries(entries) as unknown;
}

/** Words of a command: the value of an option may be the next one. */
function redactWords(words: readonly unknown[]): readonly unknown[] {
  return words.map((word, index) => {
    const option: unknown = words[index - 1];
    const isValue = typeof option === 'string' && /^--?[\w-]+$/.test(option) && isSecret(option);
    return isValue && typeof word === 'string' && !word.startsWith('-') ? REMOVED : redactObject(word);
  });
}

/** Text is removed; what only has a name of that kind, like `secretKeyRef`, is looked into. */
function hide(value: unknown): unknown {
  if (typeof value === 'string') return REMOVED;
  if (Array.isArray(value)) return value.map(hide);
  return redactObject(value);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
