/** An image that holds one program without libraries, written as an archive of the Open Container Initiative. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

const FOLDER = 'usr/local/bin';
const TYPES = {
  layer: 'application/vnd.oci.image.layer.v1.tar',
  config: 'application/vnd.oci.image.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
};

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * @param program static, for this machine's architecture; what the image runs.
 * @param name of the image.
 * @param folder for the archive, in which one that was made of the same program is used again.
 * @returns the path of the archive.
 */
export function packProgram(program: string, name: string, folder: string): string {
  const digest = createHash('sha256').update(name).update(readFileSync(program)).digest('hex');
  const archive = join(folder, `${basename(program)}-${digest.slice(0, 16)}.tar`);
  if (existsSync(archive)) return archive;
  const work = mkdtempSync(join(folder, '.pack-'));
  try {
    const part = join(work, 'image.tar');
    layOut(join(work, 'image'), join(work, 'layer'), program, name);
    execFileSync('tar', ['-cf', part, '-C', join(work, 'image'), '.']);
    renameSync(part, archive);
  } finally {
    rmSync(work, { recursive: true });
  }
  return archive;
}

function layOut(image: string, root: string, program: string, name: string): void {
  mkdirSync(join(image, 'blobs/sha256'), { recursive: true });
  mkdirSync(join(root, FOLDER), { recursive: true });
  copyFileSync(program, join(root, FOLDER, basename(program)));
  const tar = execFileSync(
    'tar',
    ['-cf', '-', '--owner=0', '--group=0', '--mtime=@0', '--sort=name', '-C', root, '.'],
    {
      maxBuffer: 2 ** 30,
    },
  );
  const put = (mediaType: string, content: Buffer | string): Blob => {
    const bytes = Buffer.from(content);
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(image, 'blobs/sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const layer = put(TYPES.layer, tar);
  const config = put(
    TYPES.config,
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: [`/${FOLDER}/${basename(program)}`], Env: [`PATH=/${FOLDER}`] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
  );
  const manifest = put(
    TYPES.manifest,
    JSON.stringify({ schemaVersion: 2, mediaType: TYPES.manifest, config, layers: [layer] }),
  );
  const annotations = { 'io.containerd.image.name': name };
  writeFileSync(join(image, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(
    join(image, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: TYPES.index, manifests: [{ ...manifest, annotations }] }),
  );
}
