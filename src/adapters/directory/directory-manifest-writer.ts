import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { VipTaskSpec } from '../../core/api/types.gen.ts';
import type { NodeName } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import type { ManifestWriter } from '../../ports/manifest-writer.ts';
import type { Random } from '../../ports/random.ts';
import { directoryId, namesIn, readContent, replaceFile, toOpError } from './files.ts';
import { withMaintenance } from './manifest-edit.ts';
import { isManifestFile } from './manifest-files.ts';
import { API_VERSION } from './manifest-text.ts';

/** Manifests in a directory of YAML files. Whoever reads a file meanwhile sees the old text or the new one. */
export class DirectoryManifestWriter implements ManifestWriter {
  readonly #path: string;
  readonly #random: Random;

  constructor(path: string, random: Random) {
    this.#path = path;
    this.#random = random;
  }

  async createTask(name: string, spec: VipTaskSpec): Promise<void> {
    await this.#expectDirectory();
    await this.#write(join(this.#path, `viptask-${name}.yaml`), manifest('VipTask', name, spec));
  }

  async setMaintenance(node: NodeName, maintenance: boolean): Promise<void> {
    await this.#expectDirectory();
    for (const file of (await namesIn(this.#path)).filter(isManifestFile).sort()) {
      const path = join(this.#path, file);
      const content = await readContent(path);
      if (content?.kind !== 'text') continue;
      const edited = withMaintenance(content.text, node, maintenance);
      switch (edited.kind) {
        case 'elsewhere':
          continue;
        case 'broken':
          throw new OpError('InvalidInput', `${path} is not valid YAML: ${edited.message}: mend it first`);
        case 'edited':
          // Behind a link is the file that somebody keeps.
          if (edited.text !== content.text) await this.#write(await this.#target(path), edited.text);
          return;
      }
    }
    if (maintenance) {
      const path = join(this.#path, `nodehealth-${node}.yaml`);
      await this.#write(path, manifest('NodeHealth', node, { maintenance }));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #target(path: string): Promise<string> {
    try {
      return await realpath(path);
    } catch (error) {
      throw toOpError(error, `write ${path}`);
    }
  }

  async #expectDirectory(): Promise<void> {
    if ((await directoryId(this.#path)) === undefined) {
      throw new OpError('NotFound', `the directory ${this.#path} does not exist`);
    }
  }

  #write(path: string, text: string): Promise<void> {
    return replaceFile(path, text, `vippool-${this.#random.hex(4)}`);
  }
}

const manifest = (kind: string, name: string, spec: object): string =>
  stringify({ apiVersion: API_VERSION, kind, metadata: { name }, spec });
