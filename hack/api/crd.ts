import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A rule in CEL, as Kubernetes spells it. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
}

/** The part of an OpenAPI v3 schema that the CRDs of this project use. */
export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly title?: string;
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface Crd {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: string;
  readonly columns: readonly PrinterColumn[];
  readonly schema: Schema;
}

interface CrdManifest {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string; readonly shortNames: readonly string[] };
    readonly versions: readonly {
      readonly name: string;
      readonly additionalPrinterColumns: readonly PrinterColumn[];
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** What people read first comes first. */
const ORDER: readonly string[] = ['VipPool', 'NodeHealth', 'VipTask'];

/** Reads every CRD of a directory (one per file, one version each), in the order in which they are documented. */
export async function readCrds(directory: string): Promise<readonly Crd[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.yaml'));
  const crds = await Promise.all(files.map(async (file) => toCrd(await readFile(join(directory, file), 'utf8'), file)));
  return crds.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

function toCrd(text: string, file: string): Crd {
  const { spec } = parse(text) as CrdManifest;
  const [version] = spec.versions;
  if (!version || spec.versions.length > 1) throw new Error(`${file}: exactly one version expected`);
  return {
    group: spec.group,
    version: version.name,
    kind: spec.names.kind,
    plural: spec.names.plural,
    shortNames: spec.names.shortNames,
    scope: spec.scope,
    columns: version.additionalPrinterColumns,
    schema: version.schema.openAPIV3Schema,
  };
}
