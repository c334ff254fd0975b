import { controllerId, nodeName, poolName, type ControllerId, type NodeName, type PoolName } from '../../core/ids.ts';
import { bad, good, list, single, type Read, type ValueType } from './value-type.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** A DNS name as Kubernetes allows it for objects: RFC 1123 subdomain, at most 253 characters. */
export function readSubdomain(text: string): Read<string> {
  if (SUBDOMAIN.test(text) && text.length <= 253) return good(text);
  return bad(
    `"${text}" is not a valid name; write at most 253 lower-case letters, digits, "-" and ".", ` +
      'with a letter or digit at both ends',
  );
}

export const aNodeName: ValueType<NodeName> = single('NAME', (text) => mapRead(readSubdomain(text), nodeName));
/** The same as an argument of a command, or as one of a list. */
export const theNode: ValueType<NodeName> = { ...aNodeName, placeholder: 'NODE' };
export const nodeNames: ValueType<readonly NodeName[]> = list(
  'NODE',
  (text) => mapRead(readSubdomain(text), nodeName),
  (name) => name,
);
export const aPoolName: ValueType<PoolName> = single('POOL', (text) => mapRead(readSubdomain(text), poolName));
export const aControllerId: ValueType<ControllerId> = single('NAME', (text) =>
  mapRead(readSubdomain(text), controllerId),
);

/** The name of an object in Kubernetes. */
export const aKubeName: ValueType<string> = single('NAME', readSubdomain);

/** An object in a namespace. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** "vippool-system/vippool-ca" */
export const anObjectName: ValueType<ObjectName> = single('NAMESPACE/NAME', (text) => {
  const [namespace = '', name = '', ...more] = text.split('/');
  if (more.length === 0 && readSubdomain(namespace).ok && readSubdomain(name).ok) return good({ namespace, name });
  return bad(`"${text}" is not NAMESPACE/NAME; write for example vippool-system/vippool-ca`);
});

/** Names of network interfaces as the kernel allows them: 1 to 15 bytes, no "/", no white space. */
export const interfaceNames: ValueType<readonly string[]> = list(
  'NAME',
  (text) =>
    /^[^\s/:,]{1,15}$/.test(text) && text !== '.' && text !== '..'
      ? good(text)
      : bad(`"${text}" is not the name of an interface; write at most 15 characters without spaces, "/" and ":"`),
  (name) => name,
);

/** Kubernetes labels, "key=value"; empty text means no labels. */
export const labels: ValueType<Readonly<Record<string, string>>> = {
  placeholder: 'KEY=VALUE,...',
  many: true,
  read(texts) {
    if (texts.every((text) => text.trim() === '')) return good({});
    return mapRead(labelPairs.read(texts), (pairs) => Object.fromEntries(pairs));
  },
};

const labelPairs = list('KEY=VALUE', readLabel, ([key]) => key);

function readLabel(text: string): Read<readonly [key: string, value: string]> {
  const at = text.indexOf('=');
  if (at < 1) return bad(`"${text}" is not a label; write KEY=VALUE, for example role=nas`);
  const key = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  const slash = key.indexOf('/');
  const prefixGood = slash < 0 || readSubdomain(key.slice(0, slash)).ok;
  if (!prefixGood || !LABEL_NAME.test(key.slice(slash + 1))) {
    return bad(`"${key}" is not the key of a label; write [PREFIX/]NAME, for example vippool.io/role`);
  }
  if (LABEL_VALUE.test(value)) return good([key, value]);
  return bad(`"${value}" is not the value of a label; write at most 63 letters, digits, "-", "_" and "."`);
}

export function mapRead<T, U>(read: Read<T>, map: (value: T) => U): Read<U> {
  return read.ok ? good(map(read.value)) : read;
}
