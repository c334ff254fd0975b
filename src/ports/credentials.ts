/** What a process proves itself with, and how it knows the others. PEM texts. */
export interface KeyMaterial {
  /** The own certificate, with the intermediate ones behind it. */
  readonly certificate: string;
  readonly privateKey: string;
  /** One or, while they are being changed, several authorities: who is not certified by one of them is refused. */
  readonly authorities: string;
}

/** Key material that is renewed while the process runs. */
export interface Credentials<Material = KeyMaterial> {
  /** The newest that was good. */
  current(): Material;
  /** Calls `changed` each time when `current` is another one. The result ends it. */
  watch(changed: () => void): () => void;
}
