/** Names and labels in manifests, as Kubernetes limits them. */
import type { Field } from './manifest-field.ts';
import { SCHEMA_MESSAGES } from './pool-messages.ts';

const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?([A-Za-z0-9][A-Za-z0-9_.-]{0,61})?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][A-Za-z0-9_.-]{0,61})?[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The name of an object or a node. */
export const isSubdomain = (text: string): boolean => text.length <= 253 && SUBDOMAIN.test(text);

/** The name of a part of an object, such as a group. */
export const isDnsLabel = (text: string): boolean => DNS_LABEL.test(text);

export const isLabelKey = (text: string): boolean => LABEL_KEY.test(text);

/** Labels that a node must all have. */
export function readLabels(field: Field): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [key, value] of field.entries(32, '{ role: nas }')) {
    const text = value.requiredText();
    if (!isLabelKey(key)) value.report(SCHEMA_MESSAGES.labelKey);
    if (text !== undefined && !LABEL_VALUE.test(text)) value.report(SCHEMA_MESSAGES.labelValue);
    labels[key] = text ?? '';
  }
  return labels;
}
