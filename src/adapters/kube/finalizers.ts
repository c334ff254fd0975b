import { FINALIZER, type KubeObject } from './objects.ts';

/** A JSON merge patch that fails with a conflict unless the object is still the one it was made from. */
export interface GuardedPatch {
  readonly metadata: { readonly resourceVersion: string; readonly finalizers: readonly string[] };
}

/** Adds our finalizer; undefined where nothing is to do, or too late: the API takes none while an object goes. */
export function addFinalizer({ metadata }: KubeObject): GuardedPatch | undefined {
  if (metadata.deletionTimestamp !== undefined || metadata.finalizers.includes(FINALIZER)) return undefined;
  return patch(metadata.resourceVersion, [...metadata.finalizers, FINALIZER]);
}

/** Takes our finalizer from an object that goes, and leaves those of others; undefined where nothing is to do. */
export function removeFinalizer(object: KubeObject): GuardedPatch | undefined {
  return object.metadata.deletionTimestamp === undefined ? undefined : takeFinalizer(object);
}

/** The same from an object that may as well stay. */
export function takeFinalizer({ metadata }: KubeObject): GuardedPatch | undefined {
  if (!metadata.finalizers.includes(FINALIZER)) return undefined;
  return patch(
    metadata.resourceVersion,
    metadata.finalizers.filter((name) => name !== FINALIZER),
  );
}

const patch = (resourceVersion: string, finalizers: readonly string[]): GuardedPatch => ({
  metadata: { resourceVersion, finalizers },
});
